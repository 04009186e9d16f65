// The graph drawn: a box for each op from the top down, a dashed frame around each
// block, an arrow for each value. What an op reads from further above comes along
// lanes at the left.
#include "../Html.h"
#include "Sections.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>

namespace gradmill::cli {
namespace {

constexpr double kBoxWidth = 230, kBoxHeight = 30, kGap = 16, kLane = 12, kInset = 12,
                 kBlockHead = 24;
constexpr size_t kMostLanes = 10; // more arrows share the last one
constexpr int kMostDepth = 8;     // frames are not set in further
// Columns of texts right of the boxes.
constexpr double kShape = 20, kParameters = 210, kField = 275, kMacs = 395;

struct Box {
  double y = 0; // its top
  std::string name, op, shape, parameters, field, macs, hint;
  std::vector<int64_t> inputs;
  int style = 0; // 0: op, 1: with parameters, 2: a port
};

struct Frame {
  double top, bottom;
  int depth;
  std::string name;
};

struct Edge {
  size_t from, to;
  size_t lane = 0; // 0: straight down
};

class Drawing {
public:
  explicit Drawing(const Summary &all) : all(all) {
    for (const SummaryPort &input : all.inputs)
      addPort(portName("input", input.name), input.shape, input.note);
    firstOp = boxes.size();
    addLayers(all.layers, 0);
    // -1 stands for any input: with several of them nobody knows which.
    for (size_t i = firstOp; i < boxes.size(); ++i)
      for (int64_t input : boxes[i].inputs)
        connect(input, i);
    for (const SummaryPort &output : all.outputs) {
      addPort(portName("output", output.name), output.shape, output.note);
      connect(output.from, boxes.size() - 1);
    }
    chooseLanes();
  }

  std::string svg() {
    double left = kInset * std::min(deepest, kMostDepth) + 8 + kLane * double(lanes);
    double width = left + kBoxWidth + kMacs + 20, height = y + 10;
    std::string text =
        llvm::formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"net\" width=\"{0:f0}\" "
                      "height=\"{1:f0}\" viewBox=\"0 0 {0:f0} {1:f0}\" role=\"img\" "
                      "aria-labelledby=\"net-t net-d\">\n<title id=\"net-t\">The graph "
                      "{2}</title>\n<desc id=\"net-d\">{3} ops from the input to the output, "
                      "each with its output's shape, its parameters, the receptive field in "
                      "pixels of the input, and its multiply-adds.</desc>\n<defs><marker "
                      "id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
                      "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 "
                      "0L8 4L0 8z\" fill=\"currentColor\"/></marker></defs>\n",
                      width, height, escaped(all.graph),
                      boxes.size() - all.inputs.size() - all.outputs.size())
            .str();
    for (auto [at, what] : {std::pair(kShape, "output"), {kParameters, "parameters"},
                            {kField, "field"}, {kMacs, "multiply-adds"}})
      text += label("head", left + kBoxWidth + at, 16, what, at > kShape);
    for (const Frame &frame : frames)
      text += frameShape(frame, left);
    for (const Edge &edge : edges)
      text += arrow(edge, left);
    for (const Box &box : boxes)
      text += boxShape(box, left);
    return text + "</svg>\n";
  }

private:
  static std::string portName(const std::string &kind, const std::string &name) {
    return name.empty() || name == kind ? kind : kind + " " + name;
  }

  void addPort(const std::string &name, const std::string &shape,
               const std::string &note) {
    Box box;
    box.y = y;
    box.name = name, box.shape = shape, box.hint = note, box.style = 2;
    boxes.push_back(std::move(box));
    y += kBoxHeight + kGap;
  }

  void addLayers(const std::vector<Layer> &layers, int depth) {
    for (const Layer &layer : layers) {
      if (!layer.op.empty()) {
        addOp(layer);
        continue;
      }
      double top = y;
      deepest = std::max(deepest, depth + 1);
      y += kBlockHead;
      addLayers(layer.layers, depth + 1);
      frames.push_back({top, y - kGap / 2, depth, layer.name});
      y += kGap / 2;
    }
  }

  void addOp(const Layer &layer) {
    Box box;
    box.y = y;
    llvm::StringRef op = layer.op;
    op.consume_front("nn.");
    box.name = layer.name, box.op = op.str(), box.shape = layer.shape;
    const LayerNumbers &n = layer.numbers;
    if (n.parameters || n.tied)
      box.parameters = grouped(n.parameters) + (n.tied ? "*" : "");
    box.field = layer.seesPicture ? fieldText(layer, &FieldAxis::field) : "";
    if (n.macs > 0)
      box.macs = grouped(n.macs);
    box.hint = layer.place;
    box.inputs = layer.inputs;
    box.style = n.parameters ? 1 : 0;
    boxes.push_back(std::move(box));
    y += kBoxHeight + kGap;
  }

  void connect(int64_t from, size_t to) {
    if (from >= 0 && firstOp + size_t(from) < to)
      edges.push_back({firstOp + size_t(from), to});
    else if (from < 0 && firstOp > 0)
      edges.push_back({firstOp - 1, to});
  }

  // An arrow along a lane goes where no other is at that height.
  void chooseLanes() {
    std::vector<size_t> ends; // of each lane, the last box that it reaches
    for (Edge &edge : edges) {
      if (edge.to == edge.from + 1)
        continue;
      size_t lane = 0;
      while (lane < ends.size() && ends[lane] > edge.from)
        ++lane;
      lane = std::min(lane, kMostLanes - 1);
      if (lane >= ends.size())
        ends.resize(lane + 1);
      ends[lane] = std::max(ends[lane], edge.to);
      edge.lane = lane + 1;
    }
    lanes = ends.size();
  }

  std::string label(const char *kind, double x, double y, const std::string &text,
                    bool right) const {
    return llvm::formatv("<text class=\"{0}\" x=\"{1:f1}\" y=\"{2:f1}\"{3}>{4}</text>\n", kind,
                         x, y, right ? " text-anchor=\"end\"" : "", escaped(text))
        .str();
  }

  // As much of a name as its box holds, by the mean width of a letter.
  static std::string shortened(const std::string &text, size_t letters) {
    return text.size() <= letters ? text : text.substr(0, letters - 1) + "…";
  }

  std::string boxShape(const Box &box, double left) const {
    static constexpr const char *kKinds[] = {"box", "box heavy", "box port"};
    std::string text =
        llvm::formatv("<g><title>{0}</title><rect class=\"{1}\" x=\"{2:f1}\" y=\"{3:f1}\" "
                      "width=\"{4:f0}\" height=\"{5:f0}\" rx=\"{6}\"/>\n",
                      escaped(box.name + (box.name.empty() ? "" : " ") + box.op +
                              (box.hint.empty() ? "" : ", " + box.hint)),
                      kKinds[box.style], left, box.y, kBoxWidth, kBoxHeight,
                      box.style == 2 ? 15 : 5)
            .str();
    double middle = box.y + kBoxHeight / 2 + 4.5, right = left + kBoxWidth;
    bool named = !box.name.empty();
    if (named)
      text += label("name", left + 10, middle, shortened(box.name, box.op.empty() ? 28 : 15),
                    false);
    if (!box.op.empty())
      text += label(named ? "op" : "name", named ? right - 10 : left + 10, middle,
                    shortened(box.op, named ? 17 : 30), named);
    text += label("value", right + kShape, middle, box.shape, false);
    for (auto [at, value] : {std::pair(kParameters, &box.parameters),
                             {kField, &box.field},
                             {kMacs, &box.macs}})
      if (!value->empty())
        text += label("value", right + at, middle, *value, true);
    return text + "</g>\n";
  }

  std::string frameShape(const Frame &frame, double left) const {
    double inset = kInset * std::min(frame.depth, kMostDepth - 1) + 2;
    return llvm::formatv("<rect class=\"block\" x=\"{0:f1}\" y=\"{1:f1}\" width=\"{2:f1}\" "
                         "height=\"{3:f1}\" rx=\"8\"/>\n",
                         inset, frame.top, left + kBoxWidth + 10 - inset,
                         frame.bottom - frame.top)
               .str() +
           label("label", left, frame.top + 16, frame.name, false);
  }

  std::string arrow(const Edge &edge, double left) const {
    double from = boxes[edge.from].y + kBoxHeight, to = boxes[edge.to].y;
    double center = left + kBoxWidth / 2;
    std::string path =
        edge.lane == 0
            ? llvm::formatv("M{0:f1} {1:f1}V{2:f1}", center, from, to - 1).str()
            : llvm::formatv("M{0:f1} {1:f1}H{2:f1}V{3:f1}H{4:f1}", left,
                            from - kBoxHeight * 0.3, left - kLane * double(edge.lane),
                            to + kBoxHeight * 0.3, left - 1)
                  .str();
    return "<path class=\"edge\" d=\"" + path + "\" marker-end=\"url(#arrow)\"/>\n";
  }

  const Summary &all;
  std::vector<Box> boxes;
  std::vector<Frame> frames;
  std::vector<Edge> edges;
  size_t firstOp = 0, lanes = 0;
  int deepest = 0;
  double y = 28;
};
} // namespace

std::string graphPicture(const Summary &summary) { return Drawing(summary).svg(); }

} // namespace gradmill::cli
