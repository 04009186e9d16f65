#!/usr/bin/env python3
"""Prints the tables of runs of bench/peers/run --json FILE, as markdown.

    bench/peers/table FILE ...                            on standard output
    bench/peers/table FILE ... --into docs/benchmarks.md  between that page's two marks

Runs of single modes and nets become one page; the first one's head stands above it.
"""

import json
import statistics
import sys

# Whether an aim is a minimum or a maximum.
LEAST, MOST = "≥", "≤"


def median(values):
    return statistics.median(values) if values else None


def group(entrants, peer):
    return [e for e in entrants if e["peer"] == peer and e["images_per_second"] and not e["absent"]]


def best(entrants, peer):
    """A peer's fastest variant, by its median."""
    return max(group(entrants, peer), key=lambda e: median(e["images_per_second"]), default=None)


def ratio(ours, theirs):
    """A ratio of the same rounds, so that a slowdown of both does not change it."""
    pairs = zip(ours["images_per_second"], theirs["images_per_second"])
    return statistics.median(a / b for a, b in pairs)


def peers_of(entrants):
    return [p for p in dict.fromkeys(e["peer"] for e in entrants) if p != "gradmill"]


def bound(run, case, e):
    """Images per second if the convolutions alone ran at the FMA peak."""
    macs = run["nets"][e["net"]]["macs"][e["mode"] == "train"]
    return median(case["peak_gflops"]) / case["peak_threads"] * e["threads"] * 1e9 / (2 * macs)


def share(run, case, e):
    return median(e["images_per_second"]) / bound(run, case, e)


def cases(run, section, net=None):
    return [c for c in run["cases"] if c["section"] == section and net in (None, c["net"])]


def markdown(head, rows):
    align = ["---" if not name.endswith(":") else "---:" for name in head]
    lines = [[name.rstrip(":") for name in head], align, *rows]
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines] + [""]


def percent(value):
    return f"{100 * value:.1f} %"


def counted(threads):
    return f"{threads} thread{'' if threads == 1 else 's'}"


def times(value):
    return f"{value:.2f}×"


# --- One section each -----------------------------------------------------------

SPEED = ["", "version", "img/s:", "lowest-highest:", "µs/img:", "of the bound:", "Gradmill is:",
         "peak memory:", "first step:"]


def speed_rows(run, case):
    present = sorted((e for e in case["entrants"] if e["images_per_second"] and not e["absent"]),
                     key=lambda e: -median(e["images_per_second"]))
    ours = next((e for e in present if e["name"] == "gradmill"), None)
    for e in present:
        rates = e["images_per_second"]
        rate, first = median(rates), e.get("first_step_seconds")
        yield [e["name"], e["version"], f"{rate:,.0f}", f"{min(rates):,.0f}-{max(rates):,.0f}",
               f"{1e6 / rate:,.1f}", percent(share(run, case, e)),
               times(ratio(ours, e)) if ours else "",
               f"{e['peak_rss_mb']:.0f} MB" if e["peak_rss_mb"] else "",
               f"{first:.1f} s" if first else ""]


def versus(case):
    """Gradmill against each peer's fastest variant, as lines."""
    ours = next((e for e in group(case["entrants"], "gradmill") if e["variant"] == "default"), None)
    for peer in peers_of(case["entrants"]) if ours else []:
        theirs = best(case["entrants"], peer)
        if theirs:
            yield f"Gradmill / fastest {peer}: **{times(ratio(ours, theirs))}** ({theirs['name']})"


def speed_section(run, title, case):
    rows = list(speed_rows(run, case))
    if not rows:
        return []
    lines = ["", f"### {title}", ""] + markdown(SPEED, rows)
    first = next(e for e in case["entrants"] if e["images_per_second"])
    lines += [f"Bound: {bound(run, case, first):,.0f} img/s; FMA peak {median(case['peak_gflops']):.1f} "
              f"GFLOP/s of {counted(case['peak_threads'])} ({case['isa']}; "
              f"{min(case['peak_gflops']):.1f}-{max(case['peak_gflops']):.1f})."]
    lines += [f"- {line}" for line in versus(case)]
    calls = [e["call_us"] for e in case["entrants"] if e.get("call_us")]
    if case["section"] == "single" and calls:
        lines += [f"- An ONNX Runtime session that does nothing takes {min(calls):.1f} µs a call from "
                  "Python; that much is not its net's."]
    return lines + skipped(case)


def skipped(case):
    reasons = {}
    for e in case["entrants"]:
        if e["absent"]:
            reasons.setdefault(e["absent"], []).append(e["name"])
    return [f"- skipped: {', '.join(names)}: {why}" for why, names in reasons.items()]


def speed_sections(run):
    batch, threads = run["batch"], counted(run["threads"])
    titles = [("train", f"Training step, batch {batch}, {threads}"),
              ("infer", f"Inference, batch {batch}, {threads}"),
              ("single", "Inference, one image, one thread")]
    lines = []
    for section, title in titles:
        for case in cases(run, section):
            lines += speed_section(run, f"{title}: {case['net']}", case)
    return lines


def batch_section(run):
    found = cases(run, "batches")
    # The batch of the training section belongs to the series.
    found += [c for c in cases(run, "train") if any(c["net"] == f["net"] for f in found)]
    if not found:
        return []
    peers = list(dict.fromkeys(p for c in found for p in peers_of(c["entrants"])
                               if best(c["entrants"], p)))
    rows = []
    for case in sorted(found, key=lambda c: (c["net"], c["entrants"][0]["batch"])):
        ours = best(case["entrants"], "gradmill")
        if ours:
            theirs = [best(case["entrants"], p) for p in peers]
            rows.append([case["net"], ours["batch"], f"{median(ours['images_per_second']):,.0f}",
                         percent(share(run, case, ours)),
                         *(times(ratio(ours, t)) if t else "" for t in theirs)])
    return ["", f"### Training step by batch, {counted(run['threads'])}", ""] + markdown(
        ["net", "batch:", "Gradmill img/s:", "of the bound:", *(f"over {p}:" for p in peers)], rows)


def size_section(run):
    found = cases(run, "sizes-infer") + cases(run, "sizes-train")
    peers = list(dict.fromkeys(p for c in found for p in peers_of(c["entrants"])
                               if best(c["entrants"], p)))
    rows = []
    for case in sorted(found, key=lambda c: c["net"]):
        ours = best(case["entrants"], "gradmill")
        if ours:
            theirs = [best(case["entrants"], p) for p in peers]
            rows.append([case["net"], ours["mode"], ours["batch"], f"{median(ours['images_per_second']):,.0f}",
                         percent(share(run, case, ours)),
                         *(f"{times(ratio(ours, t))} ({t['variant']})" if t else "" for t in theirs)])
    return rows and ["", f"### Other nets by batch, {counted(run['threads'])}", ""] + markdown(
        ["net", "mode", "batch:", "Gradmill img/s:", "of the bound:", *(f"over {p}:" for p in peers)], rows)


def thread_section(run):
    rows = []
    for case in cases(run, "threads"):
        for one, many in thread_pairs(case):
            rows.append([case["net"], one["mode"], f"{median(one['images_per_second']):,.0f}",
                         many["threads"], f"{median(many['images_per_second']):,.0f}",
                         times(ratio(many, one))])
    return rows and ["", f"### Threads, batch {run['batch']}", ""] + markdown(
        ["net", "mode", "one thread, img/s:", "threads:", "img/s:", "ratio:"], rows)


def thread_pairs(case):
    members = group(case["entrants"], "gradmill")
    for mode in ("train", "infer"):
        of_mode = sorted((e for e in members if e["mode"] == mode), key=lambda e: e["threads"])
        if len(of_mode) == 2:
            yield of_mode


def kept(e):
    """The share of its speed beside busy processes, in turns of the same rounds."""
    return statistics.median(b / q for b, q in zip(e["busy_images_per_second"], e["images_per_second"]))


def busy_section(run):
    rows = []
    for case in cases(run, "busy"):
        for e in case["entrants"]:
            if not e["absent"] and e["busy_images_per_second"]:
                rows.append([case["net"], e["mode"], e["name"], f"{median(e['images_per_second']):,.0f}",
                             case["busy"], f"{median(e['busy_images_per_second']):,.0f}", f"{kept(e):.2f}"])
    return rows and ["", f"### Beside busy processes, batch {run['batch']}, {counted(run['threads'])}", ""] + markdown(
        ["net", "mode", "", "img/s:", "busy processes:", "img/s beside them:", "kept:"], rows)


def flat_section(run):
    rows = []
    for case in cases(run, "flat"):
        members = group(case["entrants"], "gradmill")
        base = next((e for e in members if e["batch"] == run["batch"]), None)
        for e in members if base else []:
            rows.append([case["net"], e["batch"], f"{1e6 / median(e['images_per_second']):,.1f}",
                         times(ratio(base, e)), f"{e['peak_rss_mb']:.0f} MB"])
    return rows and ["", "### Cost of an image by batch, training", ""] + markdown(
        ["net", "batch:", "µs/img:", f"against {run['batch']}:", "peak memory:"], rows)


def sweep_rows(run):
    """(entrant, ns per multiply-add, share of peak) of each net of the sweep."""
    for case in cases(run, "sweep"):
        for e in group(case["entrants"], "gradmill"):
            macs = run["nets"][e["net"]]["macs"][1]
            yield e, 1e9 / median(e["images_per_second"]) / macs, share(run, case, e)


def sweep_section(run):
    rows = []
    for e, cost, of_bound in sweep_rows(run):
        depth, channels = e["net"].removeprefix("plain-").split("x")
        rows.append([depth, channels, f"{run['nets'][e['net']]['macs'][1] / 1e6:,.2f} M",
                     f"{1e6 / median(e['images_per_second']):,.1f}", f"{1000 * cost:.2f}",
                     percent(of_bound)])
    return rows and ["", f"### Depth and channels, training, batch {run['batch']}, "
                     f"{counted(run['threads'])}", "", "Blocks of 3x3 convolution, ReLU, batch norm and dropout on 16x16 pixels.",
                     ""] + markdown(["blocks:", "channels:", "conv MACs/img:", "µs/img:",
                                     "ps per MAC:", "of the bound:"], rows)


def memory_section(run):
    rows = []
    for case in cases(run, "train"):
        ours = best(case["entrants"], "gradmill")
        for peer in ["gradmill", *peers_of(case["entrants"])] if ours else []:
            members = [e for e in group(case["entrants"], peer) if e["peak_rss_mb"]]
            least = min(members, key=lambda e: e["peak_rss_mb"], default=None)
            if least:
                rows.append([case["net"], least["name"], f"{least['peak_rss_mb']:.0f} MB",
                             f"1/{least['peak_rss_mb'] / ours['peak_rss_mb']:.1f}"])
    return rows and ["", f"### Peak resident memory of a process that trains, batch {run['batch']}",
                     "", "Each peer's smallest variant; Gradmill is its stand-alone trainer.", ""
                     ] + markdown(["net", "", "peak:", "Gradmill takes:"], rows)


def compile_section(run):
    rows, sizes = [], []
    for net, c in run["compile"].items():
        if "absent" in c:
            rows.append([net, f"skipped: {c['absent']}", "", "", "", ""])
            continue
        start = c["start"]
        train = c["entries"].get("train", {})
        rows.append([net, f"{median(c['seconds']['train']):.2f} s ({min(c['seconds']['train']):.2f})",
                     f"{median(c['seconds']['infer']):.2f} s",
                     f"{1e3 * median(start['seconds']):.0f} ms ({1e3 * min(start['seconds']):.0f})"
                     if "seconds" in start else f"skipped: {start['absent']}",
                     f"{train['arena_bytes'] / 2**20:.2f} MiB",
                     percent(train["arena_bytes"] / train["arena_lower_bound_bytes"] - 1)])
        for what, size in c["bytes"].items():
            sizes.append([net, what, f"{size / 1e3:,.0f} kB" if isinstance(size, int)
                          else f"skipped: {size}", f"{c['weights_bytes'] / 1e3:,.0f} kB"])
    return rows and ["", "### Compiling, starting, sizes", "",
                     "Cold: each a process of its own, no cache. Start: from the start of a trainer's process "
                     "to the end of its first step, with 60,000 images in plain IDX files.", ""] + markdown(
        ["net", "compile --train, median (least):", "compile --infer:", "start to first step:",
         f"arena, training, batch {run['batch']}:", "over the liveness bound:"], rows) + markdown(
        ["net", "executable", "size:", "of its weights:"], sizes)


def convolution_section(run):
    lines = []
    for net, measured in run["convolutions"].items():
        rows = []
        for row in measured["rows"]:
            for direction in ("forward", "backward-data", "backward-weights"):
                ours, theirs = row["gradmill"].get(direction), row.get("onednn", {}).get(direction)
                if not ours and (not theirs or direction == "backward-data" and row is measured["rows"][0]):
                    continue
                mine = median(ours["seconds"]) if ours else None
                other = median(theirs["seconds"]) if theirs else None
                rows.append([row["layer"], row["shape"], direction,
                             f"{1e3 * mine:.3f}" if mine else "in a merged kernel",
                             f"{2e-9 * row['macs'] / mine:.1f}" if mine else "",
                             f"{1e3 * other:.3f}" if other else "",
                             f"{2e-9 * row['macs'] / other:.1f}" if other else "",
                             times(other / mine) if mine and other else ""])
        if rows:
            lines += ["", f"### Convolutions beside oneDNN's primitives: {net}", "",
                      "Gradmill's kernel with all that is fused into it (batch-norm sums, ReLU, dropout); oneDNN's "
                      "convolution alone, its data already in the format it likes best.", ""]
            lines += markdown(["layer", "", "direction", "Gradmill ms:", "GFLOP/s:", "oneDNN ms:",
                               "GFLOP/s:", "Gradmill is:"], rows)
        lines += [f"- skipped: {who}: {why}" for who, why in
                  (("oneDNN", measured["absent"]), ("gradmill", measured["gradmill_absent"])) if why]
    return lines


# --- The numbers with an aim, on one page ------------------------------------------

def goals(run):
    """(what, relation, aim, value, text) of each number that is aimed at."""
    for section, peers in (("train", (("pytorch", 6), ("jax", 4))), ("infer", (("onnxruntime", 2),)),
                           ("single", (("onnxruntime", 2),))):
        for case in cases(run, section):
            ours = next((e for e in group(case["entrants"], "gradmill") if e["variant"] == "default"), None)
            for peer, aim in peers if ours else ():
                names = ("pytorch", "pytorch-debian") if peer == "pytorch" else (peer,)
                if section == "train" and case["net"] != "mnist":
                    aim = 4
                for name in names:
                    theirs = best(case["entrants"], name)
                    if theirs:
                        yield (f"{section}, {case['net']}: over {name}", LEAST, aim,
                               ratio(ours, theirs), times)
            if ours and section == "train":
                yield f"train, {case['net']}: of the bound", LEAST, 0.65, share(run, case, ours), percent
    for case in cases(run, "batches"):
        ours = best(case["entrants"], "gradmill")
        for name in ("pytorch", "pytorch-debian"):
            theirs = best(case["entrants"], name)
            if ours and theirs:
                yield (f"train, {case['net']}, batch {ours['batch']}: over {name}", LEAST, 4,
                       ratio(ours, theirs), times)
    for case in cases(run, "threads"):
        for one, many in thread_pairs(case):
            yield (f"{many['threads']} threads over one, {case['net']}, {one['mode']}", LEAST,
                   0.9 * many["threads"], ratio(many, one), times)
    for case in cases(run, "flat"):
        # Not 100, which leaves vectors and threads partly idle.
        costs = [1 / median(e["images_per_second"]) for e in group(case["entrants"], "gradmill")
                 if e["batch"] % 64 == 0]
        if costs:
            yield (f"cost per image, batch 64 to 512, {case['net']}: highest over lowest", MOST, 1.1,
                   max(costs) / min(costs), times)
    sweep = [cost for _, cost, _ in sweep_rows(run)]
    if sweep:
        yield "cost per MAC, depth and channels: highest over lowest", MOST, 1.5, max(sweep) / min(sweep), times
    yield from busy_goals(run)
    yield from memory_goals(run)
    for net, c in run["compile"].items():
        if "absent" in c:
            continue
        yield f"compile --train, {net}", MOST, 2, median(c["seconds"]["train"]), lambda s: f"{s:.2f} s"
        if "seconds" in c["start"]:
            yield (f"start of the trainer to its first step, {net}", MOST, 0.05, median(c["start"]["seconds"]),
                   lambda s: f"{1e3 * s:.0f} ms")
        sizes = [s for s in c["bytes"].values() if isinstance(s, int)]
        if sizes:
            yield (f"largest executable without weights, {net}", MOST, 1e6, max(sizes) - c["weights_bytes"],
                   lambda s: f"{s / 1e3:,.0f} kB")
        train = c["entries"].get("train")
        if train:
            yield (f"arena over the liveness bound, {net}", MOST, 1.1,
                   train["arena_bytes"] / train["arena_lower_bound_bytes"], times)


def busy_goals(run):
    for case in cases(run, "busy"):
        for e in group(case["entrants"], "gradmill"):
            if e["variant"] == "default" and e["busy_images_per_second"]:
                yield (f"{e['mode']}, {case['net']}: kept beside {case['busy']} busy process", LEAST, 0.6,
                       kept(e), "{:.2f}".format)


def memory_goals(run):
    for case in cases(run, "train"):
        ours = best(case["entrants"], "gradmill")
        for name in ("pytorch", "pytorch-debian"):
            members = [e["peak_rss_mb"] for e in group(case["entrants"], name) if e["peak_rss_mb"]]
            if ours and members:
                yield (f"peak memory, {case['net']}: of {name}'s smallest", MOST, 0.2,
                       ours["peak_rss_mb"] / min(members), percent)


def goal_section(run):
    rows = []
    for what, relation, aim, value, text in goals(run):
        met = value >= aim if relation == LEAST else value <= aim
        rows.append([what, f"{relation} {text(aim)}", text(value), "yes" if met else "no"])
    return rows and ["", "### At a glance", ""] + markdown(["", "aim:", "measured:", "met"], rows)


def head(run):
    m = run["machine"]
    lines = [f"{m['cpu']}, {m['cpus']} CPUs ({', '.join(m['flags'])}), load {m['load']} before the run; "
             f"{m['system']}; {m['date']}.",
             f"Gradmill {run['gradmill']}; f32; medians of {run['rounds']} interleaved rounds of "
             f"{run['seconds']:g} s, ratios of the same rounds."]
    nets = [f"{name}: {n['parameters']:,} parameters, {n['macs'][0] / 1e6:.2f} M multiply-adds of "
            f"convolutions and matrix products an image, {n['macs'][1] / 1e6:.2f} M in training"
            for name, n in run["nets"].items() if not name.startswith("plain-")]
    lines += [""] + [f"- {net}" for net in nets]
    peaks = [p / c["peak_threads"] for c in run["cases"] for p in c["peak_gflops"]]
    # Other users of the CPUs slow a peer that spins at its barriers most.
    if m["load"] > 0.5:
        lines += ["", "**The machine was busy: these numbers are no measurement.**"]
    if peaks and max(peaks) > 1.1 * min(peaks):
        lines += ["", f"**Others shared this machine: the FMA peak of a core went from {min(peaks):.0f} to {max(peaks):.0f} GFLOP/s. "
                      "Read the ratios, which are of interleaved rounds, and no time of one table against one of another.**"]
    return lines


def render(run):
    sections = [goal_section, speed_sections, batch_section, size_section, thread_section, busy_section, flat_section,
                sweep_section, memory_section, compile_section, convolution_section]
    return "\n".join(head(run) + [line for section in sections for line in section(run) or []])


def what_of(case):
    return case["section"], case["net"], *sorted({e["batch"] for e in case["entrants"]})


def merged(runs):
    """Merges runs into one of all cases. If a case was measured again, the later run counts."""
    first, *others = runs
    for run in others:
        again = {what_of(case) for case in run["cases"]}
        first["cases"] = [c for c in first["cases"] if what_of(c) not in again] + run["cases"]
        for measured in ("nets", "compile", "convolutions"):
            first[measured].update(run[measured])
    return first


BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def put_into(path, text):
    """Replaces the text between the marks; people write the rest of the page."""
    with open(path) as file:
        page = file.read()
    before, begin, rest = page.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path} has no lines {BEGIN} and {END} to write between")
    with open(path, "w") as file:
        file.write(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}")


def main(arguments):
    files, page = arguments, None
    if "--into" in arguments[-2:-1]:
        files, page = arguments[:-2], arguments[-1]
    if not files or any(name.startswith("-") for name in files):
        sys.exit("usage: bench/peers/table FILE ... [--into PAGE]")
    try:
        runs = []
        for name in files:
            with open(name) as file:
                runs.append(json.load(file))
        text = render(merged(runs))
        if page:
            put_into(page, text)
        else:
            print(text)
    except (OSError, ValueError) as error:
        sys.exit(f"bench: error: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
