//===- ParseTest.cpp - Reading chip descriptions --------------------------===//

#include "hybridc/Chip/Chip.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace hybridc;
using namespace hybridc::chip;

namespace {

const char *const kSmall = "name: tiny\n"
                           "clock_ghz: 1\n"
                           "dram: {bytes: 1000000, bandwidth_gb_s: 10}\n"
                           "sram: {bytes: 65536, bytes_per_cycle: 64}\n"
                           "dma: {bytes_per_cycle: 16}\n"
                           "vec: {lanes: 8}\n";

/// The message for `kSmall` followed by `more`.
std::string errorOf(const std::string &text) {
  auto chip = parseChip(text, "t.yaml");
  if (chip)
    return "accepted";
  EXPECT_EQ(chip.error().code, ExitCode::InvalidInput);
  return chip.error().message;
}
std::string errorAfter(const std::string &more) {
  return errorOf(kSmall + more);
}

std::string array(const std::string &more) {
  return "arrays:\n  - {name: a, device: pcm, count: 2, rows: 8, cols: 8, "
         "mvm_ns: 100" +
         more + "}\n";
}

TEST(ParseChip, ReadsTheLeastThatIsNeeded) {
  auto chip = parseChip(kSmall, "t.yaml");
  ASSERT_TRUE(bool(chip)) << chip.error().message;
  EXPECT_EQ(chip->name, "tiny");
  EXPECT_EQ(chip->sram.bytes, 65536u);
  EXPECT_EQ(chip->dma.channels, 2u);
  EXPECT_EQ(chip->mac.rows, 0u);
  EXPECT_TRUE(chip->arrays.empty());
}

TEST(ParseChip, UnknownKeyNamesTheNearest) {
  EXPECT_EQ(errorAfter("leakage: 3\n"),
            "t.yaml:7:1: unknown key 'leakage'; did you mean 'leakage_w'?");
  EXPECT_EQ(
      errorOf("name: a\nclock_ghz: 1\ndram:\n  bytes: 1\n  bandwith_gb_s: 3\n"),
      "t.yaml:5:3: unknown key 'bandwith_gb_s'; did you mean "
      "'bandwidth_gb_s'?");
}

TEST(ParseChip, MissingKey) {
  EXPECT_EQ(errorOf("name: a\n"), "t.yaml:1:1: required key 'clock_ghz' is "
                                  "missing");
  EXPECT_EQ(errorAfter("mac: {rows: 4, cols: 4}\n"),
            "t.yaml:7:6: required key 'mac.rate' is missing");
}

/// What the error about `yaml` says to write.
std::string adviceOn(const std::string &yaml) {
  std::string error = errorOf(yaml);
  size_t at = error.find("; ");
  return at == std::string::npos ? error : error.substr(at + 2);
}

TEST(ParseChip, OtherUnits) {
  EXPECT_EQ(adviceOn("clock_ghz: 500 MHz\n"), "write 0.5, in GHz");
  EXPECT_EQ(adviceOn("clock_ghz: 1.5GHz\n"),
            "write 1.5 alone: the unit is that of the field");
  EXPECT_EQ(adviceOn("clock_mhz: 500\n"), "write 'clock_ghz: 0.5'");
  auto dram = [](const char *text) {
    return adviceOn(std::string("name: a\nclock_ghz: 1\ndram: {") + text +
                    "}\n");
  };
  EXPECT_EQ(dram("bytes: 1GB"), "write 1000000000, in bytes");
  EXPECT_EQ(dram("bytes: 4 MiB"), "write 4194304, in bytes");
  EXPECT_EQ(dram("bytes: 1, bandwidth_gb_s: 1600 MB/s"), "write 1.6, in GB/s");
  EXPECT_EQ(dram("bytes: 1, bandwidth_mb_s: 1600"),
            "write 'bandwidth_gb_s: 1.6'");
  auto arrayWith = [](const char *text) {
    std::string error =
        errorAfter(std::string("arrays:\n  - {name: a, ") + text + "}\n");
    return error.substr(std::min(error.size(), error.find("; ")));
  };
  EXPECT_EQ(arrayWith("mvm_ns: 2 us"), "; write 2000, in ns");
  EXPECT_EQ(arrayWith("mvm_ns: 2 µs"), "; write 2000, in ns");
  EXPECT_EQ(arrayWith("mvm_us: 2"), "; write 'mvm_ns: 2000'");
  EXPECT_EQ(errorAfter("mac: {rows: 4, cols: 4, rate: {i8: 50%}}\n"),
            "t.yaml:7:36: 'mac.rate.i8' must be a number, not '50%'; write "
            "0.5");
}

TEST(ParseChip, WrongType) {
  EXPECT_EQ(errorAfter("leakage_w: high\n"),
            "t.yaml:7:12: 'leakage_w' must be a number, not 'high'");
  EXPECT_EQ(errorAfter("leakage_w: \"3\"\n"),
            "t.yaml:7:12: 'leakage_w' must be a number, not the text '3'");
  EXPECT_EQ(errorAfter("leakage_w: .nan\n"),
            "t.yaml:7:12: 'leakage_w' must be a number, not '.nan'");
  EXPECT_EQ(errorAfter("leakage_w: nan\n"),
            "t.yaml:7:12: 'leakage_w' must be a number, not 'nan'");
  EXPECT_EQ(errorAfter("leakage_w: 3 kW\n"),
            "t.yaml:7:12: 'leakage_w' must be a number, not '3 kW'; write "
            "3000, in W");
  EXPECT_EQ(errorAfter("leakage_w: 3 W\n"),
            "t.yaml:7:12: 'leakage_w' must be a number, not '3 W'; write 3 "
            "alone: the unit is that of the field");
  EXPECT_EQ(errorAfter("leakage_w: 3 GHz\n"),
            "t.yaml:7:12: 'leakage_w' must be a number, not '3 GHz'; a number "
            "alone, in W");
  EXPECT_EQ(errorAfter("leakage_w: 1_000\n"),
            "t.yaml:7:12: 'leakage_w' must be a number, not '1_000'");
  EXPECT_EQ(errorAfter("leakage_w: 1e999\n"),
            "t.yaml:7:12: 'leakage_w' is 1e999, beyond what a number of 64 "
            "bits holds");
  EXPECT_EQ(errorAfter(array(", mapping: 3")),
            "t.yaml:8:78: 'arrays.a.mapping' cannot be '3'; it is one of: "
            "differential, offset");
  EXPECT_EQ(errorAfter(array(", mapping: ofset")),
            "t.yaml:8:78: 'arrays.a.mapping' cannot be 'ofset'; it is one of: "
            "differential, offset; did you mean 'offset'?");
  EXPECT_EQ(errorAfter("description: 3\n").substr(0, 53),
            "t.yaml:7:14: 'description' must be text, not '3' (quo");
  EXPECT_EQ(errorAfter("mac: 4\n"),
            "t.yaml:7:6: 'mac' must be a map of fields, not '4'");
  EXPECT_EQ(errorAfter("arrays: {}\n"),
            "t.yaml:7:9: 'arrays' must be a list, not a map");
  EXPECT_EQ(errorAfter("ctl:\n"),
            "t.yaml:7:1: 'ctl' must be a map of fields, not nothing");
  EXPECT_EQ(errorAfter(array(", periphery: {noise_management: 1}")),
            "t.yaml:8:99: 'arrays.a.periphery.noise_management' must be true "
            "or false, not '1'");
  EXPECT_EQ(errorOf("- a\n"), "t.yaml:1:1: a chip description must be a map of "
                              "fields, not a list");
}

TEST(ParseChip, OutOfRange) {
  EXPECT_EQ(errorAfter("leakage_w: -1\n"),
            "t.yaml:7:12: 'leakage_w' is -1, out of range: it must be at least "
            "0");
  EXPECT_EQ(errorAfter(array(", input_bits: 2.5")),
            "t.yaml:8:81: 'arrays.a.input_bits' must be a whole number, not "
            "'2.5'; the nearest is 3");
  EXPECT_EQ(errorAfter(array(", slices: 16")),
            "t.yaml:8:77: 'arrays.a.slices' is 16, but the array has only 8 "
            "columns");
  EXPECT_EQ(errorAfter("mac: {rows: 1, cols: 1, rate: {i8: 0}}\n"),
            "t.yaml:7:36: 'mac.rate.i8' is 0, out of range: it must be above "
            "0");
  EXPECT_NE(errorAfter("mac: {rows: 1e30, cols: 1, rate: {i8: 1}}\n")
                .find("at most 65536"),
            std::string::npos);
}

TEST(ParseChip, BanksThatCannotBe) {
  auto withSram = [](const std::string &sram) {
    std::string text = kSmall;
    std::string old = "bytes_per_cycle: 64}";
    size_t at = text.find(old);
    return errorOf(text.replace(at, old.size(), sram + "}"));
  };
  EXPECT_EQ(withSram("bytes_per_cycle: 64, banks: 8, interleave_bytes: 8192"),
            "accepted");
  EXPECT_EQ(withSram("bytes_per_cycle: 64, banks: 8, interleave_bytes: 8193"),
            "t.yaml:4:71: 'sram.interleave_bytes' is 8193, but a bank holds "
            "only 8192 bytes");
  EXPECT_EQ(
      withSram("bytes_per_cycle: 64, banks: 2, interleave_bytes: 16"),
      "t.yaml:4:71: 'sram.interleave_bytes' is 16, less than the 32 bytes "
      "of a word (bytes_per_cycle / banks / ports)");
  EXPECT_EQ(withSram("bytes_per_cycle: 64, banks: 2, ports: 2, "
                     "interleave_bytes: 16"),
            "accepted");
}

TEST(ParseChip, CellsAreReadInOneWay) {
  auto errorWith = [](const char *more) { return errorAfter(array(more)); };
  EXPECT_EQ(errorWith(", g_min_us: 30, g_max_us: 25"),
            "t.yaml:8:79: 'arrays.a.g_min_us' is 30, not below g_max_us = 25");
  EXPECT_NE(errorWith(", input_pulse_ns: 2, input_encoding: amplitude")
                .find("'arrays.a.input_encoding' is amplitude, but "
                      "input_pulse_ns = 2 makes inputs of pulses"),
            std::string::npos);
  EXPECT_NE(errorWith(", input_pulse_ns: 2, read_pulse_ns: 9")
                .find("'arrays.a.read_pulse_ns' is 9, but input_pulse_ns = 2"),
            std::string::npos);
  EXPECT_NE(errorWith(", phases: 2, cell_phases: 3")
                .find("'arrays.a.cell_phases' is 3, more than phases = 2"),
            std::string::npos);
  EXPECT_TRUE(parseChip(kSmall + array(", phases: 2, cell_phases: 2, "
                                       "g_min_us: 1, g_max_us: 25, "
                                       "input_pulse_ns: 2, "
                                       "input_encoding: pulse_width"),
                        "t.yaml"));
}

TEST(ParseChip, ChoicesAreListed) {
  EXPECT_EQ(errorAfter("mac: {rows: 1, cols: 1, rate: {i8: 1}, dataflow: w}\n"),
            "t.yaml:7:50: 'mac.dataflow' cannot be 'w'; it is one of: ws, os, "
            "is, row_stationary, simd, photonic, event; did you mean 'ws'?");
  EXPECT_NE(errorAfter("mac: {rows: 1, cols: 1, rate: {int8: 1}}\n")
                .find("unknown key 'int8'"),
            std::string::npos);
}

TEST(ParseChip, DuplicatesAndReservedNames) {
  EXPECT_EQ(errorAfter("name: again\n"),
            "t.yaml:7:1: duplicate key 'name', first given on line 1");
  std::string two = array("");
  two += two.substr(two.find("  -"));
  EXPECT_EQ(errorAfter(two), "t.yaml:9:12: a second array kind named 'a'");
  std::string reserved = array("");
  reserved.replace(reserved.find("name: a"), 7, "name: mac");
  EXPECT_EQ(errorAfter(reserved),
            "t.yaml:8:12: array name 'mac' is taken by another engine");
}

TEST(ParseChip, SourcesMustNameFields) {
  EXPECT_EQ(errorAfter("sources: {dram.bandwidth_gbs: \"a book\"}\n"),
            "t.yaml:7:11: 'dram.bandwidth_gbs' names no field of a chip "
            "description; did you mean 'dram.bandwidth_gb_s'?");
  EXPECT_EQ(errorAfter("provenance: {dram: guessed}\n").substr(0, 41),
            "t.yaml:7:20: 'provenance.dram' cannot be ");
}

TEST(ParseChip, HostileYaml) {
  EXPECT_EQ(errorAfter("description: &a b\n").substr(0, 33),
            "t.yaml:7:14: anchors ('&name') ar");
  EXPECT_NE(errorAfter("sources: *x\n"), "accepted");
  EXPECT_NE(errorAfter("description: !!binary abc\n").find("tags are not"),
            std::string::npos);
  EXPECT_NE(errorAfter("---\nname: b\n").find("second document"),
            std::string::npos);
  EXPECT_NE(errorOf("name: [\n"), "accepted");
  EXPECT_NE(errorOf("\tname: a"), "accepted");
  EXPECT_EQ(errorOf(""), "t.yaml:1:1: the file is empty");
  EXPECT_EQ(errorOf(std::string(kSmall) + '\0'),
            "t.yaml:1:1: holds a zero byte; this is not a YAML file");
  EXPECT_NE(errorOf("? {a: b}\n: c\n").find("a key must be a word"),
            std::string::npos);
}

TEST(ParseChip, DeepAndHugeFilesAreRefusedQuickly) {
  auto start = std::chrono::steady_clock::now();
  EXPECT_NE(errorOf("name: " + std::string(500000, '[')).find("nested deeper"),
            std::string::npos);
  EXPECT_NE(errorOf("name: " + std::string(500000, '{')), "accepted");
  EXPECT_NE(errorOf(std::string(kSmall) + "#" + std::string(2 << 20, 'x')),
            "accepted");
  std::string keys(kSmall);
  for (int i = 0; i < 60000; ++i)
    keys.append("k").append(std::to_string(i)).append(": 1\n");
  EXPECT_NE(errorOf(keys).find("unknown key 'k0'"), std::string::npos);
  EXPECT_NE(errorOf(std::string(kSmall) + std::string(1000, 'q') + ": 1\n")
                .find("unknown key"),
            std::string::npos);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 20 * HYBRIDC_PATIENCE);
}

TEST(LoadChip, NamesAndPaths) {
  auto edge = loadChip("hybrid-edge");
  ASSERT_TRUE(bool(edge)) << edge.error().message;
  EXPECT_EQ(edge->name, "hybrid-edge");
  auto typo = loadChip("hybrid-egde");
  ASSERT_FALSE(bool(typo));
  EXPECT_NE(typo.error().message.find("did you mean 'hybrid-edge'?"),
            std::string::npos);
  auto none = loadChip("/nowhere/at/all.yaml");
  ASSERT_FALSE(bool(none));
  EXPECT_EQ(none.error().message, "/nowhere/at/all.yaml: no such file");
  auto folder = loadChip(testing::TempDir());
  ASSERT_FALSE(bool(folder));
  EXPECT_NE(folder.error().message.find("not a regular file"),
            std::string::npos);
  std::string path = testing::TempDir() + "hybridc-chip-test.yaml";
  std::ofstream(path) << kSmall;
  auto file = loadChip(path);
  ASSERT_TRUE(bool(file)) << file.error().message;
  EXPECT_EQ(file->name, "tiny");
  std::filesystem::remove(path);
}

TEST(Presets, EachReadsAndPrintsBackEqual) {
  std::vector<std::string> names = presetNames();
  ASSERT_GE(names.size(), 2u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string &name : names) {
    auto chip = loadChip(name);
    ASSERT_TRUE(bool(chip)) << chip.error().message;
    EXPECT_EQ(chip->name, name);
    EXPECT_FALSE(chip->description.empty()) << name;
    EXPECT_FALSE(chip->sources.empty()) << name;
    auto again = parseChip(printChip(*chip), name + " printed");
    ASSERT_TRUE(bool(again)) << again.error().message;
    EXPECT_EQ(*again, *chip) << name;
  }
}

TEST(Presets, HybridEdgeIsWhatItSays) {
  auto chip = loadChip("hybrid-edge");
  ASSERT_TRUE(bool(chip));
  EXPECT_GE(chip->sram.bytes, 4u << 20);
  EXPECT_GE(chip->dma.channels, 2u);
  const ArrayKind *pcm = chip->findArray("pcm");
  ASSERT_NE(pcm, nullptr);
  EXPECT_EQ(pcm->purpose, "inference");
  const ArrayKind *ecram = chip->findArray("ecram");
  ASSERT_NE(ecram, nullptr);
  EXPECT_EQ(ecram->purpose, "training");
  EXPECT_TRUE(supports(*chip, "mac", "i8"));
  EXPECT_TRUE(supports(*chip, "mac", "u8"));
  EXPECT_TRUE(supports(*chip, "mac", "bf16"));
  EXPECT_TRUE(supports(*chip, "mac", "f32"));
  EXPECT_FALSE(supports(*chip, "mac", "i64"));
  EXPECT_TRUE(supports(*chip, "vec", "i64"));
  EXPECT_TRUE(supports(*chip, "pcm", "f32"));
  EXPECT_FALSE(supports(*chip, "reram", "f32"));
  EXPECT_FALSE(supports(*chip, "mac", "float"));
}

TEST(Presets, ProvenanceIsInherited) {
  auto chip = loadChip("pcm-hermes");
  ASSERT_TRUE(bool(chip));
  EXPECT_EQ(provenanceOf(*chip, "arrays.pcm.adc_energy_pj"), "unverified");
  EXPECT_EQ(provenanceOf(*chip, "arrays.pcm.mvm_ns"), "derived");
  EXPECT_EQ(provenanceOf(*chip, "arrays.pcm.periphery.out_noise"), "published");
  EXPECT_EQ(provenanceOf(*chip, "dram.latency_ns"), "unverified");
  EXPECT_EQ(provenanceOf(*chip, "arrays.pcm.cell_bits"), "");
}

TEST(Targets, TheDocumentListsEveryField) {
  std::ifstream file(std::string(HYBRIDC_SOURCE_DIR) + "/docs/Targets.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_NE(text.str().find(describeFields()), std::string::npos)
      << "docs/Targets.md is out of date; its table should read\n"
      << describeFields();
  for (const std::string &name : presetNames())
    EXPECT_NE(text.str().find("| `" + name + "` |"), std::string::npos)
        << "docs/Targets.md does not list " << name;
}

} // namespace
