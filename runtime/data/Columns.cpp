// Decides which column of a data set goes to which port (docs/ports.md).
#include "core/Manifest.h"
#include "core/Text.h"
#include "data/Convert.h"
#include "data/Source.h"

namespace gradmill::rt {
namespace {

using Map = std::vector<std::pair<std::string, std::string>>;

// A dimension of one channel may be missing, and a number may be a list of one.
// Elsewhere a dimension of 1 has a meaning ([1, 32, 32] is not [32, 1, 32]).
std::vector<int64_t> withoutOnes(std::vector<int64_t> shape) {
  auto first = std::find_if(shape.begin(), shape.end(),
                            [](int64_t extent) { return extent != 1; });
  shape.erase(shape.begin(), first);
  return shape;
}

std::string describe(const std::string &name, bool target, DType dtype,
                     const std::vector<int64_t> &shape, int64_t classes) {
  std::string text = join({name, target ? " (target " : " (data ",
                           dtypeName(dtype), " ", shapeText(shape)});
  if (classes > 0)
    text += join({", ", classes, " classes"});
  return join({text, ")"});
}

std::string describe(const PortSpec &p) {
  return describe(p.name, p.role == PortRole::Target, p.dtype, p.shape,
                  p.classes);
}

std::string describe(const Column &c) {
  return describe(c.name, c.target, c.dtype, c.shape, c.classes);
}

class Matching {
public:
  Matching(const Dataset &data, const std::vector<const PortSpec *> &ports,
           const std::string &model)
      : data(data), model(model) {
    for (const PortSpec *port : ports)
      pairs.push_back({port, nullptr});
  }

  Result<std::vector<PortColumn>> run(const Map &map) {
    for (const auto &[port, column] : map)
      if (Status bad = byMap(port, column))
        return *bad;
    for (PortColumn &pair : pairs)
      if (!pair.column)
        pair.column = data.find(pair.port->name);
    onlyOneLeft(PortRole::Data);
    onlyOneLeft(PortRole::Target);
    for (const PortColumn &pair : pairs)
      if (std::string problem = problemOf(pair); !problem.empty())
        return mismatch(problem);
    return std::move(pairs);
  }

private:
  Status byMap(const std::string &port, const std::string &column) {
    PortColumn *pair = nullptr;
    std::vector<std::string> portNames, columnNames;
    for (PortColumn &candidate : pairs) {
      portNames.push_back(candidate.port->name);
      if (candidate.port->name == port)
        pair = &candidate;
    }
    for (const Column &candidate : data.columns)
      columnNames.push_back(candidate.name);
    std::string given = "--map " + port + "=" + column + ": ";
    if (!pair)
      return noSuch(given, model + " has no port " + port, port, portNames);
    if (pair->column)
      return makeError(
          kUsage, "data_map",
          {given, "port ", port, " has a column already; map it once"});
    pair->column = data.find(column);
    if (!pair->column)
      return noSuch(given, data.name + " has no column " + column, column,
                    columnNames);
    return ok;
  }

  static Error noSuch(const std::string &given, const std::string &what,
                      const std::string &name,
                      const std::vector<std::string> &known) {
    return makeError(kUsage, "data_map",
                     {given, what, "; ", suggestion(name, known),
                      "there are: ", listed(known)});
  }

  // A column that already serves a port of the other kind is not taken: a
  // picture can be a net's input and its target.
  bool isTaken(const Column &column, PortRole role) const {
    for (const PortColumn &pair : pairs)
      if (pair.column == &column && pair.port->role == role)
        return true;
    return false;
  }

  void onlyOneLeft(PortRole role) {
    PortColumn *port = nullptr;
    const Column *column = nullptr;
    int ports = 0, columns = 0;
    for (PortColumn &pair : pairs)
      if (pair.port->role == role && !pair.column)
        port = &pair, ++ports;
    for (const Column &candidate : data.columns)
      if (candidate.target == (role == PortRole::Target) &&
          !isTaken(candidate, role))
        column = &candidate, ++columns;
    if (ports == 1 && columns == 1)
      port->column = column;
  }

  std::vector<std::string> portsLeft() const {
    std::vector<std::string> names;
    for (const PortColumn &pair : pairs)
      if (!pair.column)
        names.push_back(join({"port ", pair.port->name}));
    return names;
  }

  std::string problemOf(const PortColumn &pair) const {
    if (!pair.column)
      return join({"no column for ", listed(portsLeft())});
    if (withoutOnes(pair.port->shape) != withoutOnes(pair.column->shape))
      return join({"port ", pair.port->name, " is ",
                   shapeText(pair.port->shape), ", but column ",
                   pair.column->name, " is ", shapeText(pair.column->shape)});
    return valueProblem(pair, data.size());
  }

  Error mismatch(const std::string &problem) const {
    std::vector<std::string> ports, columns;
    for (const PortColumn &pair : pairs)
      ports.push_back(describe(*pair.port));
    for (const Column &column : data.columns)
      columns.push_back(describe(column));
    return makeError(kBadInput, "data_mismatch",
                     {model, " and ", data.name, " do not fit: ", problem,
                      "; the model's ports: ", listed(ports),
                      "; the data's columns: ", listed(columns),
                      "; pair them with --map PORT=COLUMN"});
  }

  const Dataset &data;
  const std::string &model;
  std::vector<PortColumn> pairs;
};

} // namespace

Result<std::vector<PortColumn>>
columnsFor(const Dataset &data, const std::vector<const PortSpec *> &ports,
           const std::vector<std::pair<std::string, std::string>> &map,
           const std::string &model) {
  return Matching(data, ports, model).run(map);
}

} // namespace gradmill::rt
