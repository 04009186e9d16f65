#include "tools/EvalDetails.h"

#include "core/Number.h"
#include "data/Png.h"
#include "files/Output.h"
#include "files/Paths.h"
#include "report/Table.h"
#include "report/Terminal.h"
#include "train/ByClass.h"

#include <algorithm>
#include <cstdio>
#include <dirent.h>
#include <tuple>

namespace gradmill::rt {
namespace {

constexpr int64_t kWidestMatrix = 20; // classes; more do not fit a line

std::string percent(double share) { return fixedText(100 * share, 2) + "%"; }

Status makeEmptyFolder(const std::string &path) {
  if (Status error = makeDirectories(path))
    return error;
  bool empty = true;
  if (DIR *folder = ::opendir(path.c_str())) {
    while (const dirent *entry = ::readdir(folder)) {
      std::string name = entry->d_name;
      empty &= name == "." || name == "..";
    }
    ::closedir(folder);
  }
  if (empty)
    return ok;
  return fileError(kUsage, "directory_not_empty", path,
                   "--wrong writes a new set of pictures, and there are files",
                   "name an empty or a new folder");
}

class Details : public EvalDetails {
public:
  Details(const EvalOptions &options, const std::vector<PortColumn> &columns,
          const std::vector<ClassPair> &pairs)
      : options(options) {
    for (const ClassPair &pair : pairs)
      counts.emplace_back(pair);
    for (const PortColumn &pair : columns)
      if (!picture && pair.port->role == PortRole::Data && isPicture(*pair.column))
        picture = pair.column;
    for (const ClassPair &pair : pairs)
      names.push_back(namesOf(pair, columns));
  }

  void see(uint64_t first, int64_t valid, const PortValues &values) override {
    for (ByClass &one : counts)
      one.see(first, valid, values);
  }

  Status finish(Json *json) override {
    for (size_t i = 0; i < counts.size(); ++i) {
      if (json)
        (*json)["by_class"][counts[i].ports().target->name] = jsonOf(i);
      else
        print(i);
    }
    return options.wrong.empty() ? ok : writeMistakes(json);
  }

private:
  static bool isPicture(const Column &column) {
    const auto &shape = column.shape;
    return column.dtype == DType::U8 &&
           (shape.size() == 2 ||
            (shape.size() == 3 && (shape[0] == 1 || shape[0] == 3)));
  }

  static std::vector<std::string>
  namesOf(const ClassPair &pair, const std::vector<PortColumn> &columns) {
    std::vector<std::string> list;
    for (const PortColumn &column : columns)
      if (column.port == pair.target)
        list = column.column->classNames;
    for (int64_t c = int64_t(list.size()); c < pair.classes(); ++c)
      list.push_back(std::to_string(c));
    return list;
  }

  std::string nameOf(size_t target, int64_t label) const {
    return printable(names[target][size_t(label)]);
  }

  // --- For people -------------------------------------------------------------

  void print(size_t i) const {
    if (counts.size() > 1)
      std::printf("\n%s\n", counts[i].ports().target->name.c_str());
    if (options.perClass)
      std::printf("\n%s\nmean of the classes' recall: %s\n",
                  classTable(i).c_str(),
                  percent(counts[i].balancedAccuracy()).c_str());
    if (options.confusion)
      std::printf("\n%s", (counts[i].classes() <= kWidestMatrix ? matrix(i)
                                                                : confusions(i))
                              .c_str());
  }

  std::string classTable(size_t i) const {
    std::vector<TableRow> rows = {{"class", "samples", "recall", "precision",
                                   "F1", "most often taken for"}};
    for (int64_t c = 0; c < counts[i].classes(); ++c) {
      ClassScores s = counts[i].scores(c);
      rows.push_back({nameOf(i, c), std::to_string(s.samples),
                      percent(s.recall()), percent(s.precision()),
                      fixedText(s.f1(), 4),
                      s.rivalCount ? nameOf(i, s.rival) + " (" +
                                         std::to_string(s.rivalCount) + ")"
                                   : "-"});
    }
    return tableText(rows, {0, 5});
  }

  // A row for each class: what its samples were taken for.
  std::string matrix(size_t i) const {
    const ByClass &one = counts[i];
    std::vector<TableRow> rows = {{"is \\ taken for"}};
    for (int64_t c = 0; c < one.classes(); ++c)
      rows[0].push_back(nameOf(i, c));
    for (int64_t label = 0; label < one.classes(); ++label) {
      rows.push_back({nameOf(i, label)});
      for (int64_t guess = 0; guess < one.classes(); ++guess) {
        int64_t count = one.count(label, guess);
        rows.back().push_back(count ? std::to_string(count) : ".");
      }
    }
    return tableText(rows);
  }

  // If a matrix would be too wide: the most frequent mistakes.
  std::string confusions(size_t i) const {
    const ByClass &one = counts[i];
    struct Pair {
      int64_t count, label, guess;
    };
    std::vector<Pair> pairs;
    for (int64_t label = 0; label < one.classes(); ++label)
      for (int64_t guess = 0; guess < one.classes(); ++guess)
        if (int64_t count = one.count(label, guess); count && label != guess)
          pairs.push_back({count, label, guess});
    std::sort(pairs.begin(), pairs.end(), [](const Pair &a, const Pair &b) {
      return std::tuple(-a.count, a.label, a.guess) <
             std::tuple(-b.count, b.label, b.guess);
    });
    std::vector<TableRow> rows = {{"is", "taken for", "samples"}};
    for (size_t p = 0; p < std::min<size_t>(pairs.size(), 20); ++p)
      rows.push_back({nameOf(i, pairs[p].label), nameOf(i, pairs[p].guess),
                      std::to_string(pairs[p].count)});
    return "the most frequent of " + std::to_string(pairs.size()) +
           " confusions (--json has the whole matrix)\n" + tableText(rows, {0, 1});
  }

  // --- For programs -----------------------------------------------------------

  Json jsonOf(size_t i) const {
    const ByClass &one = counts[i];
    Json json = Json::object({{"balanced_accuracy", one.balancedAccuracy()}});
    Json classes = Json::array(), matrix = Json::array();
    for (int64_t label = 0; label < one.classes(); ++label) {
      ClassScores s = one.scores(label);
      classes.push_back(Json::object({{"class", label},
                                      {"name", names[i][size_t(label)]},
                                      {"samples", s.samples},
                                      {"recall", s.recall()},
                                      {"precision", s.precision()},
                                      {"f1", s.f1()}}));
      Json row = Json::array();
      for (int64_t guess = 0; guess < one.classes(); ++guess)
        row.push_back(Json(one.count(label, guess)));
      matrix.push_back(std::move(row));
    }
    json["classes"] = std::move(classes);
    json["confusion"] = std::move(matrix);
    return json;
  }

  // The most confident mistakes first: a list, and a picture of each, up to
  // --wrong-limit.
  Status writeMistakes(Json *json) {
    std::string list = "sample,picture,target,is,taken_for,confidence\n";
    int64_t mistakes = 0, pictures = 0;
    for (size_t i = 0; i < counts.size(); ++i) {
      std::vector<Mistake> sorted = counts[i].mistakes();
      std::sort(sorted.begin(), sorted.end(),
                [](const Mistake &a, const Mistake &b) {
                  return std::tuple(-a.confidence, a.sample) <
                         std::tuple(-b.confidence, b.sample);
                });
      for (const Mistake &mistake : sorted) {
        std::string file;
        if (picture && pictures < options.wrongLimit) {
          file = pictureName(i, mistake);
          if (Status error = writePicture(file, mistake.sample))
            return error;
          ++pictures;
        }
        ++mistakes;
        list += std::to_string(mistake.sample) + "," + file + "," +
                csvField(counts[i].ports().target->name) + "," +
                csvField(names[i][size_t(mistake.label)]) + "," +
                csvField(names[i][size_t(mistake.guess)]) + "," +
                fixedText(mistake.confidence, 4) + "\n";
      }
    }
    if (Status error = writeFile(joinPath(options.wrong, "wrong.csv"), {list}))
      return error;
    if (json) {
      (*json)["wrong"] = Json::object(
          {{"mistakes", mistakes}, {"pictures", pictures},
           {"list", joinPath(options.wrong, "wrong.csv")}});
      return ok;
    }
    std::printf("\n%lld mistakes in %s, %lld of them as pictures%s\n",
                (long long)mistakes,
                printable(joinPath(options.wrong, "wrong.csv")).c_str(),
                (long long)pictures,
                picture ? "" : ": the samples are no pictures of bytes");
    return ok;
  }

  // Numbers, because a class may have any name: "00042-is-7-not-1.png".
  std::string pictureName(size_t i, const Mistake &mistake) const {
    std::string number = std::to_string(mistake.sample);
    number.insert(0, number.size() < 5 ? 5 - number.size() : 0, '0');
    return (counts.size() > 1 ? std::to_string(i) + "-" : "") + number + "-is-" +
           std::to_string(mistake.label) + "-not-" +
           std::to_string(mistake.guess) + ".png";
  }

  Status writePicture(const std::string &file, uint64_t sample) const {
    const auto &shape = picture->shape;
    size_t channels = shape.size() == 3 ? size_t(shape[0]) : 1;
    size_t height = size_t(shape[shape.size() - 2]), width = size_t(shape.back());
    const uint8_t *planes = picture->values.data() + sample * picture->bytes();
    std::vector<uint8_t> pixels(channels * height * width);
    for (size_t c = 0; c < channels; ++c)
      for (size_t p = 0; p < height * width; ++p)
        pixels[p * channels + c] = planes[c * height * width + p];
    return writePng(joinPath(options.wrong, file), int(channels), int(height),
                    int(width), pixels);
  }

  const EvalOptions &options;
  const Column *picture = nullptr;
  std::vector<ByClass> counts;
  std::vector<std::vector<std::string>> names; // of each target's classes
};

} // namespace

Result<std::unique_ptr<EvalDetails>>
makeEvalDetails(const EvalOptions &options, const Model &model,
                const Dataset &part) {
  if (!options.perClass && !options.confusion && options.wrong.empty())
    return std::unique_ptr<EvalDetails>();
  auto pairs = classPairs(model.manifest());
  if (!pairs)
    return pairs.error();
  auto columns = evaluationColumns(model, part, options.map);
  if (!columns)
    return columns.error();
  if (!options.wrong.empty())
    if (Status error = makeEmptyFolder(options.wrong))
      return *error;
  return std::unique_ptr<EvalDetails>(
      std::make_unique<Details>(options, *columns, *pairs));
}

} // namespace gradmill::rt
