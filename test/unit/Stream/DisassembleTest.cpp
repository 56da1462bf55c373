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
