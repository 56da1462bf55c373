//===- TrafficTest.cpp - What products move through the scratchpad --------===//

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <gtest/gtest.h>

using namespace hybridc::chip;

namespace {

Chip chipOf(std::string dataflow) {
  Chip chip;
  chip.sram.bytes = 1 << 20;
  chip.sram.bytes_per_cycle = 1e6;
  chip.sram.read_pj_per_byte = 1;
  chip.sram.write_pj_per_byte = 3;
  chip.dram.bandwidth_gb_s = 1;
  chip.mac.rows = chip.mac.cols = 4;
  chip.mac.dataflow = std::move(dataflow);
  chip.mac.rate = {{"i8", 1}};
  chip.mac.energy_pj = {{"i8", 0.25}};
  return chip;
}

/// 10 × 9 × 5 in i8, results of four bytes, all in the scratchpad.
Work product() {
  Work work;
  work.kind = WorkKind::Matrix;
  work.engine = "mac";
  work.format = "i8";
  work.m = 10, work.k = 9, work.n = 5;
  work.inputBytes = 90, work.weightBytes = 45;
  work.sramReadBytes = 135;
  work.sramWriteBytes = 200;
  return work;
}

double energy(const Cost &cost, Component component) {
  return cost.energy_pj[static_cast<unsigned>(component)];
}

TEST(SramTraffic, SystolicByHand) {
  // ws: K folds 3 times, N twice. Sums leave twice more and come back.
  SramTraffic ws = sramTraffic(chipOf("ws"), product());
  EXPECT_DOUBLE_EQ(ws.readBytes, 2 * 90 + 45 + 2 * 200);
  EXPECT_DOUBLE_EQ(ws.writeBytes, 3 * 200);
  // is: M is spread over the columns and folds 3 times.
  SramTraffic is = sramTraffic(chipOf("is"), product());
  EXPECT_DOUBLE_EQ(is.readBytes, 90 + 3 * 45 + 2 * 200);
  EXPECT_DOUBLE_EQ(is.writeBytes, 3 * 200);
  // os: results leave once.
  SramTraffic os = sramTraffic(chipOf("os"), product());
  EXPECT_DOUBLE_EQ(os.readBytes, 2 * 90 + 3 * 45);
  EXPECT_DOUBLE_EQ(os.writeBytes, 200);
  // The cost rests on nothing else.
  Cost c = cost(chipOf("ws"), product());
  EXPECT_DOUBLE_EQ(c.sram.bytes(), ws.bytes());
  EXPECT_DOUBLE_EQ(energy(c, Component::Sram),
                   ws.readBytes + 3 * ws.writeBytes);
}

TEST(SramTraffic, ImagesShareWeightsAndGroupsDoNot) {
  Work work = product();
  work.batch = 3;
  work.inputBytes *= 3, work.sramWriteBytes *= 3;
  work.sramReadBytes = work.inputBytes + work.weightBytes;
  // One GEMM of 30 rows: the weights come once.
  SramTraffic images = sramTraffic(chipOf("ws"), work);
  EXPECT_DOUBLE_EQ(images.readBytes, 3 * (2 * 90 + 2 * 200) + 45);
  EXPECT_EQ(cost(chipOf("ws"), work).cycles,
            systolicCycles("ws", 4, 4, 30, 5, 9));
  work.groups = 3;
  work.weightBytes *= 3;
  work.sramReadBytes = work.inputBytes + work.weightBytes;
  SramTraffic groups = sramTraffic(chipOf("ws"), work);
  EXPECT_DOUBLE_EQ(groups.readBytes, 3 * (2 * 90 + 45 + 2 * 200));
}

TEST(SramTraffic, AccumulatorsKeepSums) {
  Chip chip = chipOf("ws");
  chip.mac.accumulator_words = 10; // all rows of M
  chip.mac.accumulator_pj_per_byte = 0.5;
  SramTraffic all = sramTraffic(chip, product());
  EXPECT_DOUBLE_EQ(all.readBytes, 2 * 90 + 45);
  EXPECT_DOUBLE_EQ(all.writeBytes, 200);
  EXPECT_DOUBLE_EQ(all.accumulatorBytes, 2 * 2 * 200);
  EXPECT_DOUBLE_EQ(energy(cost(chip, product()), Component::Mac),
                   450 * 0.25 + 800 * 0.5);
  chip.mac.accumulator_words = 5; // half of them
  SramTraffic half = sramTraffic(chip, product());
  EXPECT_DOUBLE_EQ(half.readBytes, 2 * 90 + 45 + 200);
  EXPECT_DOUBLE_EQ(half.writeBytes, 2 * 200);
  EXPECT_DOUBLE_EQ(half.accumulatorBytes, 2 * 200);
}

TEST(SramTraffic, PoolsMeshesAndEventsByHand) {
  Chip chip = chipOf("simd"); // tiles of 4 × 4 results
  SramTraffic pool = sramTraffic(chip, product());
  EXPECT_DOUBLE_EQ(pool.readBytes, 2 * 90 + 3 * 45);
  EXPECT_DOUBLE_EQ(pool.writeBytes, 200);
  chip.mac.input_sharing = 8;
  chip.mac.weight_sharing = 1;
  EXPECT_DOUBLE_EQ(sramTraffic(chip, product()).readBytes, 90 + 10 * 45);
  SramTraffic mesh = sramTraffic(chipOf("photonic"), product());
  EXPECT_DOUBLE_EQ(mesh.bytes(), sramTraffic(chipOf("ws"), product()).bytes());
  SramTraffic events = sramTraffic(chipOf("event"), product());
  EXPECT_DOUBLE_EQ(events.readBytes, 135);
  EXPECT_DOUBLE_EQ(events.writeBytes, 200);
}

TEST(SramTraffic, RowStationaryByHand) {
  // 3 × 3 over 6 channels of 10 × 10, 4 filters, 8 × 8 results, on 3 × 8 PEs
  // that keep 4 filters and 2 channels: three passes.
  Chip chip = chipOf("row_stationary");
  chip.mac.rows = 3, chip.mac.cols = 8;
  chip.mac.input_words = 6;
  Work work;
  work.kind = WorkKind::Matrix;
  work.format = "i8";
  work.kernelH = work.kernelW = 3;
  work.outH = work.outW = 8;
  work.m = 64, work.n = 4, work.k = 54;
  work.inputBytes = 600, work.weightBytes = 216;
  work.sramReadBytes = 816;
  work.sramWriteBytes = 256;
  SramTraffic traffic = sramTraffic(chip, work);
  // Inputs and filters come once, sums of the first two passes go and come.
  EXPECT_DOUBLE_EQ(traffic.readBytes, 816 + 2 * 256);
  EXPECT_DOUBLE_EQ(traffic.writeBytes, 256 + 2 * 256);
}

TEST(SramTraffic, OfDramOnlyWhatIsInTheScratchpad) {
  Work work = product();
  work.weightsFromDram = work.outputToDram = true;
  work.sramReadBytes = 90;
  work.dramReadBytes = 45;
  work.sramWriteBytes = 0;
  work.dramWriteBytes = 200;
  SramTraffic traffic = sramTraffic(chipOf("ws"), work);
  EXPECT_DOUBLE_EQ(traffic.readBytes, 2 * 90);
  EXPECT_DOUBLE_EQ(traffic.writeBytes, 0);
}

TEST(SramTraffic, LimitsTheArrayWhenPortsAreNarrow) {
  Chip chip = chipOf("ws");
  chip.sram.bytes_per_cycle = 8;
  // 1225 bytes at 8 a cycle; the array alone takes 119 cycles.
  EXPECT_EQ(cost(chip, product()).cycles, 154u);
}

} // namespace
