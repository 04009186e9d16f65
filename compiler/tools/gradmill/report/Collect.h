// Makes the parts of a report that the log does not hold: what the graph says, and
// what its weights do. A part that cannot be made says why.
#pragma once
#include "../Backend.h"
#include "Data.h"
#include "data/Dataset.h"

namespace gradmill::cli {

Part<Summary> collectGraph(const GraphOptions &graph);
/// All rules, those about runs by the epochs of `run`.
Part<std::vector<Finding>> collectAdvice(const GraphOptions &graph,
                                         const rt::LoggedRun &run);
/// The test samples through the net with these weights; the pictures of at most
/// `pictures` mistakes.
Part<Answers> collectAnswers(const GraphOptions &graph, const std::string &weights,
                             const rt::Dataset &test, const std::string &map,
                             int threads, int64_t pictures);
/// Times the kernels of the training step, or of inference without one, for about
/// a second.
Part<Speed> collectSpeed(const GraphOptions &graph, int threads);

/// The sections of the graph's plugins.
std::vector<OwnSection> collectSections(const GraphOptions &graph);

/// As a shell reads it: in quotes where it needs them.
std::string shellWord(const std::string &word);

} // namespace gradmill::cli
