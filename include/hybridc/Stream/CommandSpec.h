//===- CommandSpec.h - One table row per command --------------*- C++ -*-===//
//
// The single description of the command set. The verifier, the disassembler,
// the `tile` and `cmd` dialects and docs/CommandStream.md read it; adding a
// command is a row here, its rule in Verify, a kernel in the executor and a
// cost in lib/Chip.
//
// The commands (ins → outs; attributes; what must hold, what is computed)
//
//  copy       x → y          same shape and type
//  fill       → y            bits: the element's bit pattern
//  matmul     a b → c        a[B…,M,K] b[B…,K,N] c[B…,M,N], equal B (broadcast
//                            by stride 0). accumulate: 0/1 adds onto c.
//                            a_zero, b_zero: integer zero points, subtracted.
//                            types: f32 f64 → same; f16 bf16 → same or f32;
//                            i8/u8 × i8/u8 → i32; i32 i64 u32 u64 → same
//  conv       x w → y        x[N,C,s…] w[M,C/g,k…] y[N,M,o…]; strides, pads
//                            (begins, then ends), dilations, groups,
//                            accumulate, x_zero, w_zero; transposed: 0/1 with
//                            w[C,M/g,k…]. x_block, y_block: 0 = as above, or
//                            b: x[N,C/b,s…,b] / y[N,M/b,o…,b] and then
//                            w[M/b,C/b,k…,b(in),b(out)] (x_block = y_block = b)
//                            w[M/b,k…,C,b(out)]         (x_block = 0)
//                            w[G/b,k…,b] depthwise: groups = C = M.
//                            types as matmul
//  mvm        x → y          analog: y = x · W over `arrays`, whose tile t
//                            covers rows k_offsets[t].. and columns
//                            n_offsets[t].. of W[K,N]. Without `kernel`:
//                            x[B…,K] y[B…,N]. With `kernel`: a convolution
//                            (strides, pads, dilations; groups 1; x_block,
//                            y_block as conv), K runs over (c, k…).
//                            input_range: full scale of the DAC (0 = the
//                            largest |x| of each input vector). ideal: 0/1.
//                            accumulate. transposed: x[B…,N] y[B…,K],
//                            y = x · Wᵀ, driven from the other side.
//                            f32 → f32
//  program_array  w →        w[K,N] f32 into array `array`; scale: the weight
//                            that maps to the largest conductance
//  vec        ins → outs     vector program number `program`
//  reduce     x → y          kind sum|mean|max|min|prod|argmax|argmin over
//                            `axes`, y has extent 1 there; arg*: y is I64,
//                            select_last 0/1, NaN counts as largest/smallest
//  pool       x → y          kind max|sum|mean, full-rank window, strides,
//                            pads (begins, then ends), dilations;
//                            count_pad: 0/1 (mean counts padding)
//  normalize  x → y          kind softmax|log_softmax|mean_variance over
//                            `axes`; epsilon
//  gather     data idx → y   y = data indexed along `axis` by idx (I32, I64,
//                            negative from the end)
//  pulsed_update x d lr? →   W −= lr · Σ_b x[b,:]ᵀ · d[b,:], x[B…,K], d[B…,N];
//                            lr: `learning_rate` or a third operand of one
//                            element. By trains of pulses, vector after
//                            vector; ideal: 0/1. Arrays as mvm's. f32
//  read_weights → w          w[K,N], each row driven alone `reads` times;
//                            ideal: 0/1. Arrays as mvm's. f32
//  refresh_pairs             of `array`, whose cells are one-sided: pairs with
//                            both cells grown past `upper` and `lower` are
//                            reset, what was read of them is written by one
//                            train of at most `pulses`
//  kernel     ins → outs     `name`: a kernel of the control core with its
//                            own attributes (Executor/Kernels.h)
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STREAM_COMMANDSPEC_H
#define HYBRIDC_STREAM_COMMANDSPEC_H

#include "hybridc/Stream/Program.h"

#include <string_view>
#include <vector>

namespace hybridc::stream {

/// The engine kinds. An engine instance is a kind plus a number ("dma1") or,
/// for arrays, the name of the array kind in the chip description ("pcm").
enum class EngineKind : uint8_t { Dma, Array, Mac, Vec, Ctl };
std::string_view nameOf(EngineKind kind);

struct AttrSpec {
  std::string_view name;
  AttrKind kind;
  bool required;
  std::string_view doc;
  bool list = false; ///< any number of values; otherwise exactly one
};

struct CommandSpec {
  Op op;
  std::string_view name;
  EngineKind engine;      ///< where it runs
  uint8_t minIns, maxIns; ///< maxIns 255: any number
  uint8_t minOuts, maxOuts;
  bool dramOperands;           ///< operands may lie in DRAM
  std::vector<AttrSpec> attrs; ///< sorted by name
  bool openAttrs;              ///< further attributes allowed (kernel)
  std::string_view doc;
  /// Names of the operands in messages; operands past the end have numbers.
  std::vector<std::string_view> inNames = {}, outNames = {};
};

/// Limits of every view and command. They keep hostile numbers far from where
/// 64-bit arithmetic wraps; no real program comes near them.
constexpr unsigned kMaxRank = 16;
constexpr int64_t kMaxExtent = int64_t(1) << 34; ///< also of numElements
/// Of strides (elements) and steps (bytes), both ways.
constexpr int64_t kMaxDistance = int64_t(1) << 40;
constexpr unsigned kMaxOperands = 256;        ///< ins plus outs
constexpr unsigned kMaxAttrValues = 1u << 20; ///< values of one attribute
constexpr unsigned kMaxRegisters = 4096;      ///< of a vector program
constexpr unsigned kMaxVecInstrs = 65536;

/// Indexed by Op.
const std::vector<CommandSpec> &commandSpecs();
const CommandSpec &specOf(Op op);
bool parseOp(std::string_view name, Op &op);

/// The checks of one command that need no addresses: operand counts,
/// attributes, shapes and types. Empty when well formed, else the reason.
/// The `tile` and `cmd` dialects' verifiers call this too.
std::string checkCommand(const Command &command);
/// The checks of one view that need no memory: rank, extents, strides given.
std::string checkView(const View &view);
/// The name of operand `index` in messages: "x", "w", "in 3".
std::string operandName(const CommandSpec &spec, bool isOut, size_t index);
/// Likewise for a vector program.
std::string checkVecProgram(const VecProgram &program);

} // namespace hybridc::stream

#endif // HYBRIDC_STREAM_COMMANDSPEC_H
