#include "report/KernelTable.h"

#include "core/Json.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <numeric>

namespace gradmill::rt {
namespace {

constexpr size_t kNameWidth = 50;
constexpr size_t kLineWidth = 120;

std::string format(const char *pattern, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

// "12.3M"; "-" for nothing.
std::string count(double value) {
  if (value == 0)
    return "-";
  const char *unit = "";
  for (const char *next : {"k", "M", "G", "T"}) {
    if (value < 999.5)
      break;
    value /= 1000;
    unit = next;
  }
  return format(*unit && value < 99.95 ? "%.1f%s" : "%.0f%s", value, unit);
}

std::string percent(double share) { return format("%.1f%%", 100 * share); }

// Breaks `text` at spaces into lines of at most `width`.
std::vector<std::string> wrapped(const std::string &text, size_t width) {
  std::vector<std::string> lines;
  size_t begin = 0;
  while (text.size() - begin > width) {
    size_t end = text.rfind(' ', begin + width);
    if (end == std::string::npos || end <= begin)
      end = begin + width; // a word longer than the line
    lines.push_back(text.substr(begin, end - begin));
    begin = end + (end < text.size() && text[end] == ' ');
  }
  lines.push_back(text.substr(begin));
  return lines;
}

double gflops(const KernelSpec &kernel, double seconds) {
  return seconds > 0 ? 2e-9 * double(kernel.macs) / seconds : 0;
}

double bytesOf(const KernelSpec &kernel) {
  return double(kernel.bytesRead) + double(kernel.bytesWritten);
}

int64_t totalMacs(const EntrySpec &entry) {
  return std::accumulate(
      entry.kernels.begin(), entry.kernels.end(), int64_t(0),
      [](int64_t sum, const KernelSpec &k) { return sum + k.macs; });
}

// The time of a step that consisted of its multiply-adds alone, at the peak, in
// seconds.
double boundOf(const EntrySpec &entry, const StepTimes &times) {
  return times.peak.gflops > 0
             ? 2e-9 * double(totalMacs(entry)) / times.peak.gflops
             : 0;
}

std::string numbers(const KernelSpec &kernel, const KernelTime *time,
                    const StepTimes *times) {
  double bytes = bytesOf(kernel);
  std::string line = format("%7s %6s", count(double(kernel.macs)).c_str(),
                            count(bytes).c_str());
  if (!time)
    return line +
           format(" %8s",
                  kernel.macs && bytes
                      ? format("%.1f", double(kernel.macs) / bytes).c_str()
                      : "-");
  line += format(
      " %9.3f %6s %6s", 1e3 * time->seconds,
      percent(time->seconds / times->step).c_str(),
      time->seconds > 0 ? percent(time->serial / time->seconds).c_str() : "-");
  double rate = gflops(kernel, time->seconds);
  line += rate > 0 ? format(" %8.1f %6s", rate,
                            percent(rate / times->peak.gflops).c_str())
                   : format(" %8s %6s", "-", "-");
  return line + format(" %6.1f",
                       time->seconds > 0 ? 1e-9 * bytes / time->seconds : 0.0);
}

std::string heading(bool timed) {
  std::string line = format("%4s %-*s %7s %6s", "#", int(kNameWidth), "kernel",
                            "MACs", "bytes");
  return line + (timed ? "        ms   step serial  GFLOP/s   peak   GB/s"
                       : " MACs/byte  schedule");
}

// `aside` goes below the numbers, beside what is left of the name.
void addRow(std::string &out, size_t index, const KernelSpec &kernel,
            const std::string &columns, const std::string &aside) {
  std::vector<std::string> name = wrapped(kernel.name, kNameWidth);
  out += format("%4zu %-*s ", index, int(kNameWidth), name[0].c_str()) +
         columns + "\n";
  if (name.size() == 1 && !aside.empty())
    name.push_back("");
  for (size_t i = 1; i < name.size(); ++i)
    out += i == 1 && !aside.empty()
               ? format("%4s   %-*s   ", "", int(kNameWidth) - 2,
                        name[i].c_str()) +
                     aside + "\n"
               : "       " + name[i] + "\n";
}

// The kernels of each loop, by its first kernel; none for the other kernels.
std::vector<std::vector<size_t>> membersOf(const std::vector<size_t> &first) {
  std::vector<std::vector<size_t>> members(first.size());
  for (size_t k = 0; k < first.size(); ++k)
    members[first[k]].push_back(k);
  return members;
}

KernelTime sumOf(const StepTimes &times, const std::vector<size_t> &kernels) {
  KernelTime sum;
  for (size_t k : kernels) {
    sum.seconds += times.kernels[k].seconds;
    sum.serial += times.kernels[k].serial;
  }
  return sum;
}

KernelSpec sumOf(const EntrySpec &entry, const std::vector<size_t> &kernels) {
  KernelSpec sum;
  for (size_t k : kernels) {
    sum.macs += entry.kernels[k].macs;
    sum.bytesRead += entry.kernels[k].bytesRead;
    sum.bytesWritten += entry.kernels[k].bytesWritten;
  }
  return sum;
}

// The kernels of each loop, in order of execution or by time.
std::vector<std::vector<size_t>> loopsOf(const EntrySpec &entry,
                                         const StepTimes *times, bool byTime) {
  std::vector<std::vector<size_t>> loops = membersOf(firstOfLoop(entry));
  std::erase_if(loops, [](auto &loop) { return loop.empty(); });
  if (byTime && times)
    std::stable_sort(loops.begin(), loops.end(), [&](auto &a, auto &b) {
      return sumOf(*times, a).seconds > sumOf(*times, b).seconds;
    });
  return loops;
}

std::string listOf(const std::vector<size_t> &kernels) {
  std::string list;
  for (size_t k : kernels)
    list += (list.empty() ? "" : ", ") + std::to_string(k);
  return list;
}

// The kernels of a loop stand below a row for the whole loop. Without clocks
// only that row has times.
void addTimedLoop(std::string &out, const EntrySpec &entry,
                  const std::vector<size_t> &loop, const StepTimes &times) {
  KernelTime time = sumOf(times, loop);
  bool alone = loop.size() == 1;
  if (!alone)
    out += format("%4s %-*s ", "", int(kNameWidth),
                  ("one loop of " + std::to_string(loop.size()) + " kernels")
                      .c_str()) +
           numbers(sumOf(entry, loop), &time, &times) + "\n";
  for (size_t k : loop) {
    const KernelSpec &kernel = entry.kernels[k];
    bool timed = alone || times.apart;
    double seconds = timed ? times.kernels[k].seconds : time.seconds;
    // Leave out the reasons for kernels that take no time.
    bool matters = kernel.macs > 0 || seconds > 0.01 * times.step;
    std::string schedule = matters ? kernel.schedule : "";
    if (timed)
      addRow(out, k, kernel, numbers(kernel, &times.kernels[k], &times),
             schedule);
    else
      addRow(out, k, kernel,
             format("%7s %6s  ", count(double(kernel.macs)).c_str(),
                    count(bytesOf(kernel)).c_str()) +
                 schedule,
             "");
  }
}

void addStaticRow(std::string &out, const EntrySpec &entry, size_t k) {
  const KernelSpec &kernel = entry.kernels[k];
  std::string columns = numbers(kernel, nullptr, nullptr);
  if (!kernel.schedule.empty())
    columns += "  " + kernel.schedule;
  addRow(out, k, kernel, columns, "");
}

void addTotals(std::string &out, const EntrySpec &entry,
               const StepTimes &times) {
  std::vector<size_t> every(entry.kernels.size());
  std::iota(every.begin(), every.end(), size_t(0));
  KernelSpec all = sumOf(entry, every);
  KernelTime sum = sumOf(times, every);
  out += format("%4s %-*s ", "", int(kNameWidth), "all kernels") +
         numbers(all, &sum, &times) + "\n";
  out += format("%4s %-*s %14s %9.3f %6s\n", "", int(kNameWidth),
                "between kernels", "", 1e3 * times.between,
                percent(times.between / times.step).c_str());
  double bound = boundOf(entry, times);
  out +=
      format("\nstep %.3f ms, %.0f samples/s; its multiply-adds at the FMA peak: "
             "%.3f ms, %.0f/s. Share of that bound: %s\n",
             1e3 * times.step, double(entry.batch) / times.step, 1e3 * bound,
             double(entry.batch) / std::max(bound, 1e-12),
             percent(bound / times.step).c_str());
}

// Each reason once, with its kernels.
void addNotes(std::string &out, const EntrySpec &entry) {
  std::vector<std::pair<std::string, std::string>> notes; // text, kernels
  for (size_t i = 0; i < entry.kernels.size(); ++i)
    for (const std::string &note : entry.kernels[i].notes) {
      auto known = std::find_if(notes.begin(), notes.end(),
                                [&](auto &n) { return n.first == note; });
      if (known == notes.end())
        notes.push_back({note, std::to_string(i)});
      else
        known->second += ", " + std::to_string(i);
    }
  for (const auto &loop : loopsOf(entry, nullptr, false))
    if (loop.size() > 1)
      notes.push_back(
          {"run in one loop, a group of images at a time", listOf(loop)});
  if (!notes.empty())
    out += "\nnotes\n";
  for (auto &[text, where] : notes)
    for (bool first = true; const std::string &line :
                            wrapped(where + ": " + text, kLineWidth - 8)) {
      out += (first ? "  " : "      ") + line + "\n";
      first = false;
    }
}

} // namespace

std::vector<size_t> firstOfLoop(const EntrySpec &entry) {
  std::vector<size_t> first(entry.kernels.size());
  std::iota(first.begin(), first.end(), size_t(0));
  // Until nothing changes: a later call may join two loops.
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::vector<int64_t> &call : entry.calls) {
      size_t lowest = first.size();
      for (int64_t kernel : call)
        lowest = std::min(lowest, first[size_t(kernel)]);
      for (int64_t kernel : call) {
        changed |= first[size_t(kernel)] != lowest;
        first[size_t(kernel)] = lowest;
      }
    }
  }
  return first;
}

std::string kernelTable(const EntrySpec &entry, const StepTimes *times,
                        bool byTime) {
  std::string out;
  if (times)
    out += format("%s: batch %lld, %d thread%s, %s of %lld steps; FMA peak "
                  "%.1f GFLOP/s (%s, f32)\n\n",
                  entry.name.c_str(), (long long)entry.batch, times->threads,
                  times->threads == 1 ? "" : "s",
                  times->best ? "fastest" : "medians", (long long)times->steps,
                  times->peak.gflops, times->peak.isa);
  else
    out += format("%s: batch %lld, vectors of %lld, %zu kernels, %s "
                  "multiply-adds\n\n",
                  entry.name.c_str(), (long long)entry.batch,
                  (long long)entry.lanes(), entry.kernels.size(),
                  count(double(totalMacs(entry))).c_str());
  out += heading(times) + "\n";
  if (times)
    for (const auto &loop : loopsOf(entry, times, byTime))
      addTimedLoop(out, entry, loop, *times);
  else
    for (size_t k = 0; k < entry.kernels.size(); ++k)
      addStaticRow(out, entry, k);
  if (times)
    addTotals(out, entry, *times);
  addNotes(out, entry);
  return out;
}

static void addTimes(Json &row, const KernelSpec &loop, const KernelTime &time,
                     const StepTimes &times) {
  double rate = gflops(loop, time.seconds);
  row["seconds"] = time.seconds;
  row["serial_seconds"] = time.serial;
  row["share_of_step"] = time.seconds / times.step;
  row["gflops"] = rate;
  row["share_of_peak"] = rate / times.peak.gflops;
  row["gbytes_per_second"] =
      time.seconds > 0 ? 1e-9 * bytesOf(loop) / time.seconds : 0.0;
}

std::string kernelJson(const EntrySpec &entry, const StepTimes *times) {
  Json kernels = Json::array();
  std::vector<size_t> first = firstOfLoop(entry);
  std::vector<std::vector<size_t>> members = membersOf(first);
  for (size_t i = 0; i < entry.kernels.size(); ++i) {
    const KernelSpec &k = entry.kernels[i];
    Json row = Json::object({{"kernel", i},
                             {"name", k.name},
                             {"at", k.at},
                             {"schedule", k.schedule},
                             {"lanes", k.lanes},
                             {"macs", k.macs},
                             {"bytes_read", k.bytesRead},
                             {"bytes_written", k.bytesWritten},
                             {"notes", k.notes}});
    if (first[i] != i)
      row["in_loop_of"] = first[i]; // without clocks the whole loop's times
    if (times && times->apart)
      addTimes(row, k, times->kernels[i], *times);
    else if (times && first[i] == i)
      addTimes(row, sumOf(entry, members[i]), times->kernels[i], *times);
    kernels.push_back(std::move(row));
  }
  Json json = Json::object({{"entry", entry.name},
                            {"batch", entry.batch},
                            {"macs", totalMacs(entry)},
                            {"kernels", std::move(kernels)}});
  if (times) {
    json["threads"] = times->threads;
    json["steps"] = times->steps;
    json["statistic"] = times->best ? "fastest" : "median";
    json["step_seconds"] = times->step;
    json["between_kernels_seconds"] = times->between;
    json["peak_gflops"] = times->peak.gflops;
    json["peak_isa"] = times->peak.isa;
    json["bound_seconds"] = boundOf(entry, *times);
    json["share_of_bound"] = boundOf(entry, *times) / times->step;
  }
  return jsonText(json);
}

} // namespace gradmill::rt
