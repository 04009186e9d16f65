// Where the page of a run lies if nobody names a file, and which file it may replace.
#pragma once
#include "core/Error.h"

#include <string>

namespace gradmill::cli {

/// Beside the checkpoint: "net.report.html" for "net.ckpt.safetensors".
std::string reportBeside(const std::string &checkpoint);

/// Whether a page about the graph with this fingerprint may take the file's place: it
/// is not there, is empty, or is a page about the same graph. Error: report_exists.
rt::Status checkReportReplaces(const std::string &path, const std::string &graph);

/// What a page says of its graph, for checkReportReplaces.
std::string reportMark(const std::string &graph);

} // namespace gradmill::cli
