#pragma once

namespace gradmill::rt {

/// Seconds since this process was started, the loader's work included. What it
/// did until its own code ran is taken as processor time: it did not wait then,
/// unless for the disk.
double processSeconds();

} // namespace gradmill::rt
