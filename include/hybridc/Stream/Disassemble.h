//===- Disassemble.h - A command stream as text ---------------*- C++ -*-===//
#ifndef HYBRIDC_STREAM_DISASSEMBLE_H
#define HYBRIDC_STREAM_DISASSEMBLE_H

#include "hybridc/Stream/Program.h"

#include <string>

namespace hybridc::stream {

/// Everything a program says but for the bytes of its blobs, one command a
/// line, for people to read; docs/CommandStream.md shows an example. Counters
/// of loops are i0, i1, … from the outermost. Works for any program, verified
/// or not.
std::string disassemble(const Program &program);

/// Its pieces, for messages and reports.
std::string toText(const View &view);
std::string toText(const Command &command);
std::string toText(const VecProgram &program);

} // namespace hybridc::stream

#endif // HYBRIDC_STREAM_DISASSEMBLE_H
