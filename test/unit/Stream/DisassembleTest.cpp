//===- DisassembleTest.cpp ------------------------------------------------===//
#include "Sample.h"

#include "hybridc/Stream/Disassemble.h"

#include <gtest/gtest.h>

using namespace hybridc::stream;
using namespace hybridc::stream::sample;

TEST(Disassemble, Control) {
  std::string text = disassemble(control());
  EXPECT_NE(text.find("  if dram[0x800] bool {  // \"add+relu\"\n"
                      "    segment, 0 semaphores\n"
                      "      queue dma0\n"
                      "        fill {bits = 0} -> dram[0x200] 8x16xf32"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  loop i0 < 8, at most dram[0x808] i64 {"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("copy dram[0x0 + 64*i0] 16xf32 -> "), std::string::npos);
}

TEST(Disassemble, PlacesFaultsAndRecalibrations) {
  Program program = recalibrated();
  std::string text = disassemble(program);
  for (const char *part :
       {"  rows at 0-3, 5, 4, 6, 9\n  columns at 3, 0-1, 7\n"
        "  negated columns 1-2\n",
        "horizon 1000 s\nentry \"program\" again at 500 s\n"
        "entry \"recalibrate\" again at 30, 200 s\n",
        "faults {\n  rates: {stuck_min: 0.001, seed: 1}\n  arrays:\n",
        "read_array {array = 1, reads = 2}",
        "set_gain {array = 0, kind = \"global\"}"})
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  program.faults = "\x1b[2J\n";
  EXPECT_NE(disassemble(program).find("  ?[2J\n"), std::string::npos);
}

TEST(Disassemble, StridesStepsAndTextAreReadable) {
  View view = sram(16, {2, 3}, DType::I8, {0, -8, 4});
  EXPECT_EQ(toText(view), "sram[0x10 - 8*i1 + 4*i2] 2x3xi8");
  view.strides = {1, 2};
  EXPECT_EQ(toText(view), "sram[0x10 - 8*i1 + 4*i2] 2x3xi8 strides [1, 2]");
  EXPECT_EQ(toText(command(Op::Kernel, {}, {}, {text("name", "a\n\"b")})),
            "kernel {name = \"a\\x0a\\\"b\"}");
}

TEST(Disassemble, NothingIsTooBroken) {
  Program program = pipeline();
  program.segments[0].kind = SegmentKind(9);
  program.vecPrograms[0].instrs[0].op = 255;
  program.vecPrograms[0].instrs[1].dst = 999;
  for (Command *c : commands(queue(program, "vec").items)) {
    c->op = Op(77);
    c->ins[0].type = DType(55);
    c->origin = 1234;
  }
  EXPECT_NE(disassemble(program).find("  ? 255"), std::string::npos);
}
