// The parts of a report's page, each a <section> of its own. "" where there is
// nothing to show and nothing to say.
#pragma once
#include "Data.h"

namespace gradmill::cli {

/// A heading, what it is, and `body`; a link to it goes by `id`.
std::string section(const std::string &id, const std::string &title,
                    const std::string &body);
/// A paragraph that says why something is not there.
std::string missingNote(const std::string &why);
/// A table with a caption for who cannot see the page; cells are HTML. Columns
/// before `numbers` hold texts, the others numbers. A
/// tall one scrolls.
std::string htmlTable(const std::string &caption,
                      const std::vector<std::string> &heads,
                      const std::vector<std::vector<std::string>> &rows,
                      size_t numbers, bool tall = false);

std::string figuresOf(const ReportData &data); // the first look
std::string curvesSection(const rt::LoggedRun &run);
std::string curvesOfRunsSection(const std::vector<rt::LoggedRun> &runs);
std::string comparisonSection(const std::vector<rt::LoggedRun> &runs);
std::string adviceSection(const Part<std::vector<Finding>> &advice);
std::string answersSection(const Part<Answers> &answers);
std::string wrongSection(const Part<Answers> &answers);
std::string graphSection(const Part<Summary> &graph);
std::string speedSection(const rt::LoggedRun &run, const Part<Speed> &speed);
std::string runSection(const rt::LoggedRun &run);

/// "1,234,567".
std::string grouped(int64_t number);

/// The graph as a picture: a box for each op in a frame for each block, and
/// arrows.
std::string graphPicture(const Summary &summary);

/// The bytes as the URI of a picture in the page itself.
std::string pngUri(const std::string &bytes);

} // namespace gradmill::cli
