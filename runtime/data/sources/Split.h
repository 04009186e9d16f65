// Training and test samples of formats without a split of their own.
//
//   test=PATH              another file or folder of the same kind
//   holdout=0.1&seed=1     a tenth of the samples, drawn with that seed; this is
//                          the default
#pragma once

#include "data/Source.h"

#include <functional>

namespace gradmill::rt {

// Reads one file or folder; `like`: the training set of a test set.
using ReadSamples = std::function<Result<Dataset>(const std::string &path,
                                                  const Dataset *like)>;

Result<DatasetSplit> openSplit(const DataSpec &spec, const ReadSamples &read);

// Whether the user said how to split; else a format's own split holds.
bool saysSplit(const DataSpec &spec);
// seed= alone means nothing to a format's own split. Error: data_option.
Status checkOwnSplit(const DataSpec &spec);

// `part` of the samples become the test set. The choice depends only on their
// number and the seed. The order of the samples stays.
DatasetSplit holdOut(Dataset all, double part, uint64_t seed);

// The samples whose flag is as wanted, in their order.
Dataset chooseSamples(const Dataset &all, const std::vector<bool> &drawn,
                      bool wanted, const std::string &name);

// Checks that two sets have the same columns, and gives both the classes of the
// larger. Error: data_split.
Result<DatasetSplit> joinSplit(Dataset train, Dataset test,
                               const std::string &source);

} // namespace gradmill::rt
