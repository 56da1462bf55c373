//===- Sample.h - Correct programs that tests then break ------*- C++ -*-===//
#ifndef HYBRIDC_TEST_STREAM_SAMPLE_H
#define HYBRIDC_TEST_STREAM_SAMPLE_H

#include "hybridc/Stream/Program.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace hybridc::stream::sample {

View view(Space space, uint64_t address, std::vector<int64_t> shape,
          DType type = DType::F32, std::vector<int64_t> steps = {});
View dram(uint64_t address, std::vector<int64_t> shape, DType type = DType::F32,
          std::vector<int64_t> steps = {});
View sram(uint64_t address, std::vector<int64_t> shape, DType type = DType::F32,
          std::vector<int64_t> steps = {});

Attr ints(std::string name, std::vector<int64_t> values);
Attr floats(std::string name, std::vector<double> values);
Attr text(std::string name, std::string value);

Command command(Op op, std::vector<View> ins, std::vector<View> outs,
                std::vector<Attr> attrs = {});
Command waiting(Command command, std::vector<Wait> waits);
Command signalling(Command command, std::vector<uint32_t> signals);

/// Bytes of a constant blob: 0, 1, 2, …
Blob blob(size_t bytes);

/// y = relu(x + c), 8 rows of 16 floats, double buffered by hand: dma0 loads,
/// vec computes, dma1 stores. DRAM: x at 0, y at 512, c at 1024 (constant).
/// SRAM: two rows of x at 0, two of y at 128, c at 256. The queues repeat over
/// 4 pairs of rows.
Program pipeline();

/// Also writes an array in entry "program" and multiplies with it in "infer".
Program analog();

/// The same, mapped around faults that it names, with an entry "recalibrate"
/// and times at which it and "program" run again.
Program recalibrated();
/// y = x·W on two tiles that train, d = y + t, W −= lr·xᵀ·d four times (lr from
/// memory the last time), g = d·Wᵀ; W is read at the end.
Program training();

/// A branch and a loop over segments; the loop's body steps through DRAM.
Program control();

/// The first segment of entry `entry`, and the queue of `engine` in it.
Segment &segment(Program &program, std::string_view entry = "infer");
Queue &queue(Program &program, std::string_view engine,
             std::string_view entry = "infer");
/// Every command of a list of items, in order, loops entered.
std::vector<Command *> commands(std::vector<Item> &items);

} // namespace hybridc::stream::sample

#endif // HYBRIDC_TEST_STREAM_SAMPLE_H
