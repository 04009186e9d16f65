#pragma once

namespace gradmill::rt {

/// Seconds since this process was started, with the loader's work. The time
/// until its own code ran is taken as processor time: it did not wait then,
/// unless for the disk.
double processSeconds();

} // namespace gradmill::rt
