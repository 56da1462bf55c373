//===- Trace.cpp - The timeline for Perfetto ------------------------------===//
//
// Chrome's trace-event format: complete events ("X") on one thread for each
// engine, counters ("C") for the scratchpad and the blocks' temperatures. Its
// times are microseconds; fractions keep the nanoseconds.
//
//===----------------------------------------------------------------------===//
#include "Json.h"

#include "hybridc/Report/Report.h"

namespace hybridc::report {

using nlohmann::ordered_json;

std::string toTrace(const Results &results) {
  double microseconds = 1e-3 / results.clock_ghz; // per cycle
  std::string out = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
  bool isFirst = true;
  auto add = [&](const ordered_json &event) {
    out += (isFirst ? "" : ",\n") + dumpJson(event, -1);
    isFirst = false;
  };
  auto name = [&](std::string_view kind, size_t thread,
                  const std::string &text) {
    add({{"ph", "M"},
         {"pid", 1},
         {"tid", thread},
         {"name", kind},
         {"args", {{"name", text}}}});
  };
  name("process_name", 0, results.model + " on " + results.target);
  for (size_t i = 0; i < results.engines.size(); ++i) {
    name("thread_name", i + 1, results.engines[i].name);
    add({{"ph", "M"},
         {"pid", 1},
         {"tid", i + 1},
         {"name", "thread_sort_index"},
         {"args", {{"sort_index", i}}}});
  }
  for (const Event &event : results.events) {
    const NodeRow *node = event.node >= 0
                              ? &results.nodes[static_cast<size_t>(event.node)]
                              : nullptr;
    ordered_json args = {{"command", event.op},
                         {"cycles", event.end - event.start}};
    if (event.bankStallCycles > 0)
      args["bank_stall_cycles"] = event.bankStallCycles;
    if (event.linkStallCycles > 0)
      args["link_stall_cycles"] = event.linkStallCycles;
    if (node)
      args["op"] = node->op;
    add({{"ph", "X"},
         {"pid", 1},
         {"tid", event.engine + 1},
         {"ts", double(event.start) * microseconds},
         {"dur", double(event.end - event.start) * microseconds},
         {"name", node ? node->name : std::string(event.op)},
         {"cat", event.op},
         {"args", std::move(args)}});
  }
  for (const exec::OccupancyPoint &point : results.occupancy)
    add({{"ph", "C"},
         {"pid", 1},
         {"name", "scratchpad bytes"},
         {"ts", double(point.cycle) * microseconds},
         {"args", {{"bytes", point.bytes}}}});
  if (results.thermal) {
    // Within one run of the steady state.
    const exec::ThermalRun &run = results.thermal->chosen();
    for (size_t k = 0; k < run.within_s.size(); ++k) {
      ordered_json blocks;
      for (size_t i = 0; i < results.thermal->blocks.size(); ++i)
        blocks[results.thermal->blocks[i]] = run.within_k[k][i] - 273.15;
      add({{"ph", "C"},
           {"pid", 1},
           {"name", "temperature in C"},
           {"ts", run.within_s[k] * 1e6},
           {"args", std::move(blocks)}});
    }
  }
  return out + "\n]}\n";
}

} // namespace hybridc::report
