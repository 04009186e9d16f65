// What the net gets right and wrong: classes, the confusion matrix, the surest
// mistakes with their pictures.
#include "../Html.h"
#include "Sections.h"
#include "core/Number.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <tuple>

namespace gradmill::cli {
namespace {

constexpr int64_t kWidestMatrix = 20; // classes; of more the mistakes are listed

std::string percent(double share, int decimals = 2) {
  return rt::fixedText(100 * share, decimals) + " %";
}

std::string nameOf(const Answers &answers, int64_t label) {
  return label >= 0 && label < int64_t(answers.names.size())
             ? escaped(answers.names[size_t(label)])
             : std::to_string(label);
}

std::string bar(double share) {
  return llvm::formatv("<span class=\"meter\" aria-hidden=\"true\"><span "
                       "style=\"width:{0:f1}%\"></span></span>",
                       100 * std::clamp(share, 0.0, 1.0))
      .str();
}

std::string classTable(const Answers &answers) {
  std::vector<std::vector<std::string>> rows;
  int64_t worst = 1; // mistakes
  for (const ClassRow &row : answers.rows)
    worst = std::max(worst, row.samples - row.right);
  for (const ClassRow &row : answers.rows) {
    double recall = row.samples ? double(row.right) / double(row.samples) : 0;
    int64_t guessed = 0;
    for (int64_t label = 0; label < answers.classes; ++label)
      guessed += answers.count(label, row.label);
    rows.push_back(
        {nameOf(answers, row.label),
         row.takenFor < 0 ? "–"
                          : nameOf(answers, row.takenFor) + " (" +
                                std::to_string(row.times) + ")",
         std::to_string(row.samples),
         std::to_string(row.samples - row.right) + " " +
             bar(double(row.samples - row.right) / double(worst)),
         row.samples ? percent(recall) : "–",
         guessed ? percent(double(answers.count(row.label, row.label)) /
                           double(guessed))
                 : "–",
         row.samples ? percent(row.ofLabel) : "–"});
  }
  return htmlTable("Accuracy of each class",
                   {"class", "most often taken for", "samples", "mistakes", "found (recall)",
                    "right guesses (precision)", "mean likelihood of the right class"},
                   rows, 2);
}

// Shades are by the share of the row; the number stands in each cell.
std::string matrix(const Answers &answers) {
  std::string text =
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Confusion "
      "matrix\"><table class=\"matrix\">\n<caption>Rows: what the samples are; columns: "
      "what they are taken for</caption>\n<thead><tr><th scope=\"col\">is \\ taken "
      "for</th>";
  for (int64_t c = 0; c < answers.classes; ++c)
    text += "<th scope=\"col\">" + nameOf(answers, c) + "</th>";
  text += "</tr></thead>\n<tbody>\n";
  for (int64_t label = 0; label < answers.classes; ++label) {
    text += "<tr><th scope=\"row\">" + nameOf(answers, label) + "</th>";
    int64_t worst = 1; // of the row's mistakes
    for (int64_t guess = 0; guess < answers.classes; ++guess)
      if (guess != label)
        worst = std::max(worst, answers.count(label, guess));
    for (int64_t guess = 0; guess < answers.classes; ++guess) {
      int64_t count = answers.count(label, guess);
      int shade = guess == label ? 0
                  : count        ? 1 + int(3 * (count - 1) / worst)
                                 : 0;
      text += "<td" +
              (guess == label ? std::string(" class=\"right\"")
               : shade        ? " class=\"m" + std::to_string(shade) + "\""
                              : "") +
              ">" + (count ? std::to_string(count) : "·") + "</td>";
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string confusions(const Answers &answers) {
  std::vector<std::tuple<int64_t, int64_t, int64_t>> pairs;
  for (int64_t label = 0; label < answers.classes; ++label)
    for (int64_t guess = 0; guess < answers.classes; ++guess)
      if (int64_t count = answers.count(label, guess); count && label != guess)
        pairs.push_back({-count, label, guess});
  std::sort(pairs.begin(), pairs.end());
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < std::min<size_t>(pairs.size(), 40); ++i) {
    auto [count, label, guess] = pairs[i];
    rows.push_back({nameOf(answers, label), nameOf(answers, guess),
                    std::to_string(-count)});
  }
  return "<p>The most frequent of " + std::to_string(pairs.size()) +
         " confusions; a matrix of " + std::to_string(answers.classes) +
         " classes would be too wide.</p>\n" +
         htmlTable("The most frequent confusions", {"is", "taken for", "samples"}, rows,
                   2);
}

std::string calibrationText(const Answers &answers) {
  const Calibration &c = answers.calibration;
  std::vector<std::vector<std::string>> rows;
  for (const Bin &bin : c.bins)
    if (bin.samples)
      rows.push_back({rt::fixedText(bin.low, 1) + " to " + rt::fixedText(bin.high, 1),
                      std::to_string(bin.samples), percent(bin.likelihood),
                      percent(bin.accuracy)});
  return "<details><summary>Do the likelihoods hold? Expected calibration error " +
         rt::fixedText(c.ece, 4) + "</summary>\n" +
         htmlTable("Accuracy by likelihood",
                   {"likelihood", "samples", "mean likelihood", "accuracy"}, rows, 1) +
         "</details>\n";
}

std::string picture(const std::string &bytes, const WrongSample &wrong,
                    const std::string &what) {
  // Small pictures in whole multiples, so that their pixels stay square.
  int64_t side = std::max<int64_t>({wrong.height, wrong.width, 1});
  int64_t zoom = std::max<int64_t>(1, 112 / side);
  return llvm::formatv("<img src=\"{0}\" width=\"{1}\" height=\"{2}\" alt=\"{3}\" "
                       "loading=\"lazy\">",
                       pngUri(bytes), wrong.width * zoom, wrong.height * zoom,
                       escaped(what))
      .str();
}
} // namespace

std::string pngUri(const std::string &bytes) {
  return "data:image/png;base64," + llvm::encodeBase64(bytes);
}

std::string answersSection(const Part<Answers> &answers) {
  if (!answers.value)
    return answers.missing.empty()
               ? ""
               : section("classes", "Classes", missingNote(answers.missing));
  const Answers &a = *answers.value;
  return section("classes", "Classes",
                 "<p>" + percent(a.calibration.accuracy) + " of " +
                     std::to_string(a.calibration.samples) +
                     " test samples are right, " + std::to_string(a.mistakes) +
                     " are wrong.</p>\n" + classTable(a) + "<h3>Confusion</h3>\n" +
                     (a.classes <= kWidestMatrix ? matrix(a) : confusions(a)) +
                     calibrationText(a));
}

std::string wrongSection(const Part<Answers> &answers) {
  if (!answers.value || !answers.value->mistakes)
    return "";
  const Answers &a = *answers.value;
  std::string text =
      "<p>" +
      (int64_t(a.wrong.size()) < a.mistakes
           ? "The surest " + std::to_string(a.wrong.size()) + " of " +
                 std::to_string(a.mistakes) + " mistakes, the surest first."
           : "All " + std::to_string(a.mistakes) + " mistakes, the surest first.") +
      (a.maps.empty() ? ""
                       : " The second picture is the " + escaped(a.maps) +
                             ": what speaks for the class that the net says, from "
                             "blue (nothing) over green to red (most).") +
      "</p>\n";
  if (!a.noMaps.empty())
    text += missingNote("there are no maps: " + a.noMaps);
  text += "<ul class=\"samples\">\n";
  for (const WrongSample &wrong : a.wrong) {
    const Verdict &v = wrong.verdict;
    std::string says = nameOf(a, v.predicted), is = nameOf(a, v.label);
    text += "<li><figure>";
    if (!wrong.picture.empty())
      text += picture(wrong.picture, wrong,
                      "test sample " + std::to_string(v.index));
    if (!wrong.map.empty())
      text += picture(wrong.map, wrong, "where the net looks for this class");
    text += "<figcaption><b>" + says + "</b> " + percent(v.likelihood, 1) +
            "<br>is <b>" + is + "</b> " + percent(v.ofLabel, 1) +
            "<br><span class=\"soft\">test " + std::to_string(v.index) +
            "</span></figcaption></figure></li>\n";
  }
  return section("wrong", "Mistakes", text + "</ul>\n");
}

} // namespace gradmill::cli
