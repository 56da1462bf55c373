//===- CheckStream.h - A stream and the chip that it is for ---*- C++ -*-===//
#ifndef HYBRIDC_EXECUTOR_CHECKSTREAM_H
#define HYBRIDC_EXECUTOR_CHECKSTREAM_H

#include "hybridc/Stream/Program.h"
#include "hybridc/Support/Result.h"

namespace hybridc::exec {

/// Holds a verified stream against the chip whose description it carries (the
/// stream's own verifier knows no chips): memories are large enough
/// (ExitCode::DoesNotFit), arrays are some that the chip has, with extents that
/// fit them, and each queue is that of an engine (ExitCode::InvalidInput). Each
/// chip has a vector unit and a control core; a matrix engine it may lack.
Status checkStream(const stream::Program &program);

/// Reads a stream that somebody else may have made and holds it to all that a
/// stream promises: well formed, made for its chip and, with `hazards`, every
/// conflict ordered by its semaphores (a stream too long to be played is taken
/// as it is). Errors name the file.
Result<stream::Program> loadStream(const std::string &path, bool hazards);

} // namespace hybridc::exec

#endif // HYBRIDC_EXECUTOR_CHECKSTREAM_H
