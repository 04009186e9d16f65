#include "weights/Pickle.h"

#include "core/Text.h"

#include <array>
#include <bit>
#include <unordered_map>

namespace gradmill::rt {
namespace {

using Kind = PickleValue::Kind;

// A tensor takes some 12 values.
constexpr size_t kMaxValues = 1'000'000;
constexpr size_t kMaxRank = 32;
constexpr size_t kMaxKey = 64; // of a storage: "17"

// Storages by the names of their types, whose elements safetensors calls so.
constexpr std::pair<std::string_view, const char *> kStorages[] = {
    {"torch FloatStorage", "F32"},   {"torch DoubleStorage", "F64"},
    {"torch HalfStorage", "F16"},    {"torch BFloat16Storage", "BF16"},
    {"torch LongStorage", "I64"},    {"torch IntStorage", "I32"},
    {"torch ShortStorage", "I16"},   {"torch CharStorage", "I8"},
    {"torch ByteStorage", "U8"},     {"torch BoolStorage", "BOOL"}};

constexpr std::string_view kDictionary = "collections OrderedDict",
                           kTensor = "torch._utils _rebuild_tensor_v2",
                           kParameter = "torch._utils _rebuild_parameter",
                           kSize = "torch Size";

const char *storageType(std::string_view global) {
  for (const auto &[name, type] : kStorages)
    if (name == global)
      return type;
  return nullptr;
}

bool isKnown(std::string_view global) {
  return global == kDictionary || global == kTensor || global == kParameter ||
         global == kSize || storageType(global);
}

class Machine {
public:
  Machine(std::string_view bytes, Pickle &pickle)
      : bytes(bytes), values(pickle.values), root(pickle.root) {}

  std::string run() {
    // For values that are the same wherever they occur.
    for (int64_t number : {0, 1})
      truth[size_t(number)] = add({Kind::Number, number});
    nothing = add({});
    while (fault.empty() && !isDone)
      step();
    return fault;
  }

private:
  // --- Bytes -------------------------------------------------------------------

  std::string_view take(uint64_t count) {
    if (count > bytes.size() - at) {
      fail("it is cut off");
      return {};
    }
    at += size_t(count);
    return bytes.substr(at - size_t(count), size_t(count));
  }
  uint64_t number(int count) {
    uint64_t value = 0;
    std::string_view taken = take(uint64_t(count));
    for (size_t i = taken.size(); i-- > 0;)
      value = value << 8 | uint8_t(taken[i]);
    return value;
  }
  std::string_view line() {
    size_t end = bytes.find('\n', at);
    std::string_view text = take((end == bytes.npos ? bytes.size() + 1 : end + 1) - at);
    return text.empty() ? text : text.substr(0, text.size() - 1);
  }
  void fail(std::string text) {
    if (fault.empty())
      fault = std::move(text);
  }

  // --- Values and the stack ----------------------------------------------------

  uint32_t add(PickleValue value) {
    if (values.size() == kMaxValues)
      fail("it has more than " + std::to_string(kMaxValues) + " values");
    else
      values.push_back(std::move(value));
    return uint32_t(values.size() - 1);
  }
  void push(uint32_t value) { stack.push_back(value); }
  void push(PickleValue value) { push(add(std::move(value))); }
  void pushNumber(int64_t number) { push(PickleValue{Kind::Number, number}); }
  void pushText(std::string_view text) {
    push(PickleValue{Kind::Text, 0, std::string(text)});
  }
  // Never below the last mark.
  uint32_t pop() {
    if (stack.size() <= (marks.empty() ? 0 : marks.back())) {
      fail("it takes more from its stack than there is");
      return nothing;
    }
    uint32_t top = stack.back();
    stack.pop_back();
    return top;
  }
  std::vector<uint32_t> popToMark() {
    if (marks.empty()) {
      fail("it looks for a mark that is not there");
      return {};
    }
    std::vector<uint32_t> taken(stack.begin() + ptrdiff_t(marks.back()), stack.end());
    stack.resize(marks.back());
    marks.pop_back();
    return taken;
  }
  void pushTuple(std::vector<uint32_t> items) {
    push(PickleValue{Kind::Tuple, 0, "", std::move(items)});
  }
  void popTuple(size_t count) {
    std::vector<uint32_t> items(count);
    for (size_t i = count; i-- > 0;)
      items[i] = pop();
    pushTuple(std::move(items));
  }
  // Below what was just popped, and stays there.
  void addItems(Kind kind, const std::vector<uint32_t> &items) {
    uint32_t target = pop();
    if (values[target].kind != kind || (kind == Kind::Dict && items.size() % 2))
      return fail("it adds to what is neither a list nor a dictionary");
    std::vector<uint32_t> &all = values[target].items;
    all.insert(all.end(), items.begin(), items.end());
    push(target);
  }

  void memoize(uint64_t place) {
    uint32_t top = pop();
    push(top);
    memo[place] = top;
  }
  void recall(uint64_t place) {
    auto it = memo.find(place);
    if (it == memo.end())
      return fail("it asks for a value that it has not stored");
    push(it->second);
  }

  // --- Functions -----------------------------------------------------------------

  void pushGlobal(std::string_view module, std::string_view name) {
    std::string global = join({module, " ", name});
    if (!fault.empty())
      return;
    if (!isKnown(global)) {
      for (char &c : global)
        c = c == ' ' ? '.' : c;
      return fail("it asks for the Python object " + global.substr(0, 200) +
                  ", and only dictionaries of tensors are read (no code of a file "
                  "is ever run); in Python, save the state_dict alone: "
                  "torch.save(model.state_dict(), FILE)");
    }
    push(PickleValue{Kind::Global, 0, std::move(global)});
  }

  bool isWhole(uint32_t value) const { return values[value].kind == Kind::Number; }

  // A tuple of whole numbers.
  bool numbersOf(uint32_t tuple, std::vector<int64_t> &numbers) const {
    const PickleValue &value = values[tuple];
    if (value.kind != Kind::Tuple || value.items.size() > kMaxRank)
      return false;
    for (uint32_t item : value.items) {
      if (!isWhole(item))
        return false;
      numbers.push_back(values[item].number);
    }
    return true;
  }

  // ("storage", type, key, device, elements)
  void pushStorage(uint32_t id) {
    const std::vector<uint32_t> &items = values[id].items;
    auto is = [&](size_t i, Kind kind) { return values[items[i]].kind == kind; };
    if (values[id].kind != Kind::Tuple || items.size() != 5 || !is(0, Kind::Text) ||
        values[items[0]].text != "storage" || !is(1, Kind::Global) ||
        !storageType(values[items[1]].text) || !is(2, Kind::Text) ||
        values[items[2]].text.size() > kMaxKey || !isWhole(items[4]))
      return fail("a storage is described in an unknown way");
    PickleValue storage{Kind::Storage};
    storage.type = storageType(values[items[1]].text);
    storage.text = values[items[2]].text;
    storage.number = values[items[4]].number;
    push(std::move(storage));
  }

  // (storage, offset, shape, strides, requires_grad, hooks[, metadata])
  void pushTensor(const std::vector<uint32_t> &items) {
    PickleValue tensor{Kind::Tensor};
    if (items.size() < 4 || values[items[0]].kind != Kind::Storage ||
        !isWhole(items[1]) || !numbersOf(items[2], tensor.shape) ||
        !numbersOf(items[3], tensor.strides) ||
        tensor.shape.size() != tensor.strides.size())
      return fail("a tensor is described in an unknown way");
    tensor.items = {items[0]};
    tensor.type = values[items[0]].type;
    tensor.offset = values[items[1]].number;
    push(std::move(tensor));
  }

  void call() {
    uint32_t arguments = pop(), function = pop();
    if (!fault.empty())
      return;
    if (values[function].kind != Kind::Global || values[arguments].kind != Kind::Tuple)
      return fail("it calls what is no function");
    const std::string &name = values[function].text;
    const std::vector<uint32_t> &items = values[arguments].items;
    if (name == kTensor)
      return pushTensor(items);
    if (name == kParameter && !items.empty())
      return push(items[0]); // (tensor, requires_grad, hooks)
    if (name == kDictionary && items.empty())
      return push(PickleValue{Kind::Dict});
    if (name == kSize && items.size() == 1)
      return push(items[0]);
    fail("it calls " + name + " in an unknown way");
  }

  // Attributes of a dictionary (PyTorch's _metadata) are of no interest.
  void build() {
    pop();
    uint32_t target = pop();
    if (fault.empty() && values[target].kind != Kind::Dict)
      return fail("it sets attributes of what is no dictionary");
    push(target);
  }

  void pushLong(uint64_t count) {
    if (count > 8)
      return fail("it has a number of more than 64 bits");
    uint64_t value = number(int(count));
    int unused = 64 - 8 * int(count);
    pushNumber(count ? int64_t(value << unused) >> unused : 0);
  }

  void step();

  std::string_view bytes;
  std::vector<PickleValue> &values;
  uint32_t &root;
  size_t at = 0;
  bool isDone = false;
  std::string fault;
  std::vector<uint32_t> stack;
  std::vector<size_t> marks; // sizes of the stack
  std::unordered_map<uint64_t, uint32_t> memo;
  std::array<uint32_t, 2> truth{};
  uint32_t nothing = 0;
};

// The instructions' bytes are those of Python's pickletools, protocols 2 to 5.
void Machine::step() {
  std::string_view code = take(1);
  if (code.empty())
    return;
  switch (uint8_t(code[0])) {
  case 0x80: // PROTO
    if (number(1) > 5)
      fail("its protocol is newer than 5");
    return;
  case 0x95: // FRAME
    take(8);
    return;
  case '.': // STOP
    root = pop();
    isDone = true;
    return;
  case '(': return marks.push_back(stack.size());
  case '0': return void(pop());
  case '1': return void(popToMark());
  case '2': // DUP
    push(pop());
    if (fault.empty())
      push(stack.back());
    return;

  case 'N': return push(nothing);
  case 0x88: return push(truth[1]);
  case 0x89: return push(truth[0]);
  case 'J': return pushNumber(int32_t(uint32_t(number(4))));
  case 'K': return pushNumber(int64_t(number(1)));
  case 'M': return pushNumber(int64_t(number(2)));
  case 0x8a: return pushLong(number(1));
  case 0x8b: return pushLong(number(4));
  case 'G': // BINFLOAT
    take(8);
    return push(PickleValue{Kind::Real});

  case 'X': return pushText(take(number(4)));
  case 0x8c: return pushText(take(number(1)));
  case 0x8d: return pushText(take(number(8)));
  case 'T': case 'B': return pushText(take(number(4)));
  case 'U': case 'C': return pushText(take(number(1)));

  case ')': return pushTuple({});
  case 't': return pushTuple(popToMark());
  case 0x85: return popTuple(1);
  case 0x86: return popTuple(2);
  case 0x87: return popTuple(3);
  case ']': return push(PickleValue{Kind::List});
  case 'a': return addItems(Kind::List, {pop()});
  case 'e': return addItems(Kind::List, popToMark());
  case '}': return push(PickleValue{Kind::Dict});
  case 's': {
    uint32_t value = pop(), key = pop();
    return addItems(Kind::Dict, {key, value});
  }
  case 'u': return addItems(Kind::Dict, popToMark());

  case 'q': return memoize(number(1));
  case 'r': return memoize(number(4));
  case 0x94: return memoize(memo.size());
  case 'h': return recall(number(1));
  case 'j': return recall(number(4));

  case 'c': {
    std::string_view module = line(), name = line();
    return pushGlobal(module, name);
  }
  case 0x93: { // STACK_GLOBAL
    uint32_t name = pop(), module = pop();
    if (values[name].kind != Kind::Text || values[module].kind != Kind::Text)
      return fail("the name of a function is no text");
    return pushGlobal(std::string(values[module].text), std::string(values[name].text));
  }
  case 'Q': return pushStorage(pop());
  case 'R': return call();
  case 'b': return build();
  default:
    return fail(join({"it has the instruction ", unsigned(uint8_t(code[0])),
                      ", which dictionaries of tensors do not need"}));
  }
}

} // namespace

std::optional<uint32_t> Pickle::find(const PickleValue &dict,
                                     std::string_view key) const {
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2)
    if (const PickleValue &each = values[dict.items[i]];
        each.kind == Kind::Text && each.text == key)
      return dict.items[i + 1];
  return std::nullopt;
}

std::string readPickle(std::string_view bytes, Pickle &pickle) {
  return Machine(bytes, pickle).run();
}

} // namespace gradmill::rt
