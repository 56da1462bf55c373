//===- ProvenanceTest.cpp - What a chip's figures rest on -----------------===//

#include "hybridc/Chip/Provenance.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace hybridc;
using namespace hybridc::chip;

namespace {

constexpr const char *kSmall = R"(
name: small
clock_ghz: 1
dram: {bytes: 1048576, bandwidth_gb_s: 8, latency_ns: 50}
sram: {bytes: 65536, bytes_per_cycle: 64}
dma: {bytes_per_cycle: 16}
vec: {lanes: 8, energy_pj: {f32: 2}}
mac: {rows: 8, cols: 8, rate: {i8: 1, f32: 0.5}, energy_pj: {i8: 0.2, f32: 2}}
arrays:
  - {name: pcm, device: pcm, count: 1, rows: 8, cols: 8, mvm_ns: 10}
sources:
  dram: "a data sheet"
provenance:
  dram.latency_ns: unverified
  mac: derived
  mac.energy_pj: vendor
  arrays.pcm: published
  sram: derived
)";

Chip small() {
  auto chip = parseChip(kSmall, "small");
  EXPECT_TRUE(bool(chip));
  return chip ? *chip : Chip{};
}

TEST(Provenance, EveryFieldOfEveryPresetHasOne) {
  for (const std::string &name : presetNames()) {
    auto chip = loadChip(name);
    ASSERT_TRUE(bool(chip)) << name;
    for (const std::string &field : fieldsWithoutProvenance(*chip))
      ADD_FAILURE() << name << ": " << field;
  }
}

TEST(Provenance, NearestEntryCounts) {
  Chip chip = small();
  EXPECT_EQ(trustOf(chip, "dram.bandwidth_gb_s"), Trust::Published);
  EXPECT_EQ(trustOf(chip, "dram.latency_ns"), Trust::Unverified);
  EXPECT_EQ(trustOf(chip, "mac.rate.i8"), Trust::Derived);
  EXPECT_EQ(trustOf(chip, "mac.energy_pj.i8"), Trust::Vendor);
  EXPECT_EQ(trustOf(chip, "dma.setup_cycles"), Trust::Default);
  EXPECT_EQ(trustOf(chip, "dma.bytes_per_cycle"), Trust::Unstated);
  EXPECT_EQ(trustOf(chip, "thermal.r_convec"), Trust::Published);
  chip.thermal.r_convec = 0.5; // no longer the default
  EXPECT_EQ(trustOf(chip, "thermal.r_convec"), Trust::Unstated);
}

TEST(Provenance, MissingOnesAreNamed) {
  EXPECT_EQ(fieldsWithoutProvenance(small()),
            (std::vector<std::string>{"clock_ghz", "dma.bytes_per_cycle",
                                      "vec.energy_pj.f32", "vec.lanes"}));
}

TEST(Provenance, FieldsOfAFigure) {
  Chip chip = small();
  using Names = std::vector<std::string>;
  EXPECT_EQ(energyFields(chip, WorkKind::Matrix, "mac", "u8", Component::Mac),
            Names{"mac.energy_pj.i8"});
  // A format of no entry costs what f32 costs, and rests on that.
  EXPECT_EQ(energyFields(chip, WorkKind::Matrix, "mac", "bf16", Component::Mac),
            Names{"mac.energy_pj.f32"});
  EXPECT_EQ(energyFields(chip, WorkKind::Analog, "pcm", "i8", Component::Adc),
            Names{"arrays.pcm.adc_energy_pj"});
  EXPECT_TRUE(energyFields(chip, WorkKind::Vector, "vec", "f32", Component::Adc)
                  .empty());
  auto ofCells = [&](bool cellsOfData) {
    return energyFields(chip, WorkKind::Analog, "pcm", "i8",
                        Component::ArrayCell, cellsOfData);
  };
  const Names figure{"arrays.pcm.mvm_energy_pj"};
  EXPECT_EQ(ofCells(false), figure);
  chip.arrays[0].mvm_energy_pj = 3;
  chip.arrays[0].read_voltage_v = 0.2;
  chip.arrays[0].g_max_us = 25;
  EXPECT_EQ(ofCells(false), figure);
  Names fields{"arrays.pcm.read_voltage_v", "arrays.pcm.g_min_us",
               "arrays.pcm.g_max_us", "arrays.pcm.mvm_ns"};
  EXPECT_EQ(ofCells(true), fields);
  chip.arrays[0].mvm_energy_pj = 0;
  EXPECT_EQ(ofCells(false), fields);
  Names time = timeFields(chip, WorkKind::Analog, "pcm", "i8");
  for (const char *field :
       {"mvm_ns", "phases", "output_bits", "input_pulse_ns", "output_bit_ns"})
    EXPECT_NE(
        std::find(time.begin(), time.end(), std::string("arrays.pcm.") + field),
        time.end())
        << field;
}

/// A field that a figure is said to rest on must change it, or the report
/// would blame the wrong one.
TEST(Provenance, NamedFieldsChangeTheEnergy) {
  Chip chip = small();
  Work work;
  work.kind = WorkKind::Matrix;
  work.engine = "mac";
  work.format = "i8";
  work.m = work.n = work.k = 8;
  double before = cost(chip, work).energy_pj[unsigned(Component::Mac)];
  chip.mac.energy_pj["i8"] *= 3;
  EXPECT_DOUBLE_EQ(cost(chip, work).energy_pj[unsigned(Component::Mac)],
                   3 * before);
}

/// A source that says how a figure was made from others makes it no published
/// one, and a remembered one is verified by nothing.
TEST(Provenance, PresetsClaimNoMoreThanTheirSourcesSay) {
  size_t seen = 0;
  for (const std::string &name : presetNames()) {
    auto chip = loadChip(name);
    ASSERT_TRUE(bool(chip)) << chip.error().message;
    for (const auto &[field, source] : chip->sources) {
      auto says = [&](const char *word) {
        return source.find(word) != std::string::npos;
      };
      Trust trust = trustOf(*chip, field);
      if (says("remembered")) {
        EXPECT_TRUE(isUnverified(trust)) << name << ": " << field;
      } else if (says("derived") || says(" times ") || says("interpolated") ||
                 says("the split")) {
        EXPECT_NE(trust, Trust::Published) << name << ": " << field;
      } else {
        continue;
      }
      ++seen;
    }
  }
  EXPECT_GE(seen, 15u);
}

TEST(Provenance, NoPartOfAPresetWorksForNothing) {
  for (const std::string &name : presetNames()) {
    auto chip = loadChip(name);
    ASSERT_TRUE(bool(chip)) << chip.error().message;
    EXPECT_GT(chip->dram.energy_pj_per_bit, 0) << name;
    EXPECT_GT(chip->sram.read_pj_per_byte, 0) << name;
    EXPECT_GT(chip->sram.write_pj_per_byte, 0) << name;
    EXPECT_FALSE(chip->vec.energy_pj.empty()) << name;
    EXPECT_GT(chip->ctl.energy_pj_per_op, 0) << name;
    if (chip->mac.rows) {
      EXPECT_FALSE(chip->mac.energy_pj.empty()) << name;
    }
    if (chip->chiplets.count > 1) {
      EXPECT_GT(chip->chiplets.link_pj_per_bit, 0) << name;
    }
    for (const ArrayKind &array : chip->arrays) {
      EXPECT_GT(array.mvm_energy_pj, 0) << name << ": " << array.name;
      EXPECT_GT(array.adc_energy_pj, 0) << name << ": " << array.name;
      EXPECT_GT(array.dac_energy_pj, 0) << name << ": " << array.name;
      EXPECT_GT(array.write_energy_pj, 0) << name << ": " << array.name;
    }
  }
}

TEST(Provenance, AFormatThatNoUnitHasCostsFourOfTheDearest) {
  Chip chip = small();
  Work work;
  work.kind = WorkKind::Matrix;
  work.m = work.n = work.k = 8;
  chip.mac.energy_pj = {{"i8", 1}, {"i16", 3}};
  work.format = "f32";
  EXPECT_DOUBLE_EQ(cost(chip, work).energy_pj[unsigned(Component::Mac)],
                   512 * 12.0);
  chip.mac.energy_pj["f32"] = 5; // what it has, others use
  work.format = "f64";
  EXPECT_DOUBLE_EQ(cost(chip, work).energy_pj[unsigned(Component::Mac)],
                   512 * 5.0);
}

} // namespace
