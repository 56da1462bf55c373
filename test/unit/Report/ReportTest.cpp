//===- ReportTest.cpp - Views of hand-made results ------------------------===//
#include "hybridc/Report/Report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace hybridc;
using namespace hybridc::report;

static Results sample() {
  Results r;
  r.model = "m.onnx";
  r.target = "chip";
  r.entry = "infer";
  r.precision = "exact";
  r.clock_ghz = 2;
  r.totals.cycles = 100;
  r.totals.latency_ns = 50;
  r.totals.energy_pj = 40;
  r.totals.leakage_pj = 10;
  NodeRow a;
  a.name = "a, \"first\"";
  a.op = "Conv";
  a.engine = "mac";
  a.cycles = 60;
  a.energy_pj = 20;
  NodeRow b = a;
  b.name = "</script><b>";
  b.cycles = 40;
  b.energy_pj = 10;
  r.nodes = {a, b};
  r.engines.push_back({"mac", "mac", 2, 100, 1, 0.5, 30, {}, {}, 0});
  r.edges = {{-1, 0, 4}, {0, 1, 8}, {1, -1, 4}};
  r.occupancy = {{0, 16}, {50, 0}};
  r.events = {{0, 60, 0, 0, "conv"}, {60, 100, 0, 1, "conv"}};
  return r;
}

TEST(Report, JsonHasTheSchema) {
  auto json = nlohmann::json::parse(toJson(sample()));
  EXPECT_EQ(json["schema_version"], kSchemaVersion);
  EXPECT_EQ(json["totals"]["cycles"], 100);
  ASSERT_EQ(json["nodes"].size(), 2u);
  EXPECT_EQ(json["nodes"][0]["name"], "a, \"first\"");
  for (const char *key : {"name", "op", "group", "engine", "precision",
                          "cycles", "latency_ns", "energy_pj", "macs",
                          "sram_bytes", "dram_bytes", "utilization", "reason"})
    EXPECT_TRUE(json["nodes"][1].contains(key)) << key;
  EXPECT_TRUE(json["compile"]["seconds"].is_null());
  EXPECT_FALSE(json.contains("programming"));
}

TEST(Report, JsonSaysHowItWasRun) {
  Results r = sample();
  r.run = RunInfo{0.5, 4, 1, 7, false, 0};
  auto json = nlohmann::json::parse(toJson(r));
  EXPECT_EQ(json["run"]["seed"], 7);
  EXPECT_EQ(json["run"]["noise"], false);
  EXPECT_EQ(json["run"]["seconds"], 0.5);
}

TEST(Report, JsonSurvivesBytesThatAreNoText) {
  Results r = sample();
  r.nodes[0].name = "\xff\xfe";
  EXPECT_TRUE(nlohmann::json::accept(toJson(r)));
}

TEST(Report, CsvQuotesNames) {
  std::istringstream csv(toCsv(sample()));
  std::string head, first;
  std::getline(csv, head);
  std::getline(csv, first);
  EXPECT_TRUE(head.starts_with("name,op,group,engine,precision,cycles"));
  EXPECT_TRUE(first.starts_with("\"a, \"\"first\"\"\",Conv,,mac,,60,"))
      << first;
}

TEST(Report, PageCannotBeLeftByAName) {
  std::string page = toHtml(sample());
  EXPECT_EQ(page.find("</script><b>"), std::string::npos);
  EXPECT_EQ(page.find("@DATA@"), std::string::npos);
  EXPECT_EQ(page.find("@TITLE@"), std::string::npos);
  EXPECT_NE(page.find("<title>m.onnx on chip</title>"), std::string::npos);
  // Nothing is loaded from elsewhere.
  EXPECT_EQ(page.find("src="), std::string::npos);
  EXPECT_EQ(page.find("<link"), std::string::npos);
}

TEST(Report, TraceKeepsNanoseconds) {
  auto trace = nlohmann::json::parse(toTrace(sample()));
  double last = 0;
  size_t boxes = 0;
  for (const auto &event : trace["traceEvents"])
    if (event["ph"] == "X") {
      ++boxes;
      last = event["ts"].get<double>() + event["dur"].get<double>();
    }
  EXPECT_EQ(boxes, 2u);
  EXPECT_DOUBLE_EQ(last, 0.05); // 100 cycles at 2 GHz, in microseconds
}

TEST(Report, TableAddsUp) {
  std::string table = toTable(sample());
  EXPECT_NE(table.find("60.0 %"), std::string::npos);
  EXPECT_NE(table.find("(leakage)"), std::string::npos);
  EXPECT_NE(table.find("total"), std::string::npos);
}

TEST(Report, Units) {
  EXPECT_EQ(timeText(0), "0 s");
  EXPECT_EQ(timeText(999.6), "1.00 us");
  EXPECT_EQ(timeText(12345), "12.3 us");
  EXPECT_EQ(energyText(0.5), "500 fJ");
  EXPECT_EQ(bytesText(1023), "1023 B");
  EXPECT_EQ(bytesText(1536), "1.50 KiB");
  EXPECT_EQ(groupedText(999), "999");
  EXPECT_EQ(groupedText(-1234567), "-1,234,567");
}

TEST(Report, FilesAreWholeOrNotThere) {
  std::string folder = testing::TempDir() + "report-files";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  EXPECT_TRUE(bool(writeReport(sample(), folder + "/r.csv")));
  std::ifstream file(folder + "/r.csv");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), toCsv(sample()));
  EXPECT_EQ(writeReport(sample(), folder + "/r.docx").error().code,
            ExitCode::Usage);
  EXPECT_FALSE(bool(writeReport(sample(), folder + "/no/such/r.csv")));
  // Only the one file: no temporary one stays behind.
  size_t count = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder)) {
    (void)entry;
    ++count;
  }
  EXPECT_EQ(count, 1u);
}

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

static stream::View view(stream::Space space, uint64_t address, int64_t size) {
  return {space, stream::DType::I8, address, {size}, {1}, {}};
}

static stream::Item copy(uint32_t origin, stream::View from, stream::View to) {
  stream::Command command;
  command.op = stream::Op::Copy;
  command.origin = origin;
  command.ins = {std::move(from)};
  command.outs = {std::move(to)};
  return {command};
}

TEST(Edges, FollowBytesThroughDram) {
  using stream::Space;
  stream::Entry entry;
  entry.inputs = {{"x", view(Space::Dram, 0, 64)}};
  entry.outputs = {{"y", view(Space::Dram, 256, 64)}};
  stream::Segment segment;
  // 0: x -> scratch -> 128; 1: 128 -> the same scratch -> 256.
  segment.queues = {
      {"dma0",
       {copy(0, view(Space::Dram, 0, 64), view(Space::Sram, 0, 64)),
        copy(1, view(Space::Dram, 128, 64), view(Space::Sram, 0, 64))}},
      {"dma1",
       {copy(0, view(Space::Sram, 0, 64), view(Space::Dram, 128, 64)),
        copy(1, view(Space::Sram, 0, 64), view(Space::Dram, 256, 64))}}};
  entry.body.nodes.push_back({segment});
  std::vector<Edge> edges = findEdges(entry, {0, 1}, 2);
  std::vector<Edge> want = {{-1, 0, 64}, {0, 1, 64}, {1, -1, 64}};
  EXPECT_EQ(edges, want);
}

TEST(Edges, StridedWritesDoNotHideEachOther) {
  using stream::Space;
  stream::Entry entry;
  entry.outputs = {{"y", view(Space::Dram, 0, 8)}};
  stream::Segment segment;
  stream::View even{Space::Dram, stream::DType::I8, 0, {4}, {2}, {}};
  stream::View odd = even;
  odd.address = 1;
  segment.queues = {{"dma0",
                     {copy(0, view(Space::Sram, 0, 4), even),
                      copy(1, view(Space::Sram, 64, 4), odd)}}};
  entry.body.nodes.push_back({segment});
  std::vector<Edge> want = {{0, -1, 4}, {1, -1, 4}};
  EXPECT_EQ(findEdges(entry, {0, 1}, 2), want);
}
