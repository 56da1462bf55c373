"""Recurrent ops, control flow, functions, shape chains, aliasing."""
import numpy as np

from opcases.core import arr, case, f32, i64, ints, scalar, text

T, N, I, H = 5, 3, 4, 6


def recurrent(op, gates, variant, opset=14, directions=1, extra=(), outputs=None, **attrs):
    """X, W, R, B, sequence_lens, initial_h (and initial_c, P for LSTM)."""
    d = directions
    weights = [f32(d, gates * H, I, lo=-0.5, hi=0.5), f32(d, gates * H, H, lo=-0.5, hi=0.5)]
    wanted = outputs or [True] * (3 if op == "LSTM" else 2)
    case(op, variant, opset, [f32(T, N, I), *weights, *extra], {"hidden_size": H, **attrs},
         outputs=wanted, const=(1, 2, 3, 7))


def bias(gates, directions=1):
    return f32(directions, 2 * gates * H, lo=-0.5, hi=0.5)


def state(directions=1):
    return f32(directions, N, H, lo=-0.5, hi=0.5)


LENGTHS = arr(np.int32, 5, 2, 3)
for op, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
    if op == "RNN":
        recurrent(op, gates, "plain", extra=[bias(gates)])
        continue
    recurrent(op, gates, "plain")
    recurrent(op, gates, "old", opset=7, extra=[bias(gates)])
    recurrent(op, gates, "bias", extra=[bias(gates)])
    recurrent(op, gates, "reverse", extra=[bias(gates)], direction="reverse")
    recurrent(op, gates, "bidirectional", directions=2, extra=[bias(gates, 2)],
              direction="bidirectional")
    both = [state(2)] * (2 if op == "LSTM" else 1)
    recurrent(op, gates, "state", directions=2, extra=[bias(gates, 2), None, *both],
              direction="bidirectional")
    recurrent(op, gates, "lengths", extra=[bias(gates), LENGTHS])
    recurrent(op, gates, "lengths_bidirectional", directions=2,
              extra=[bias(gates, 2), LENGTHS], direction="bidirectional")
    recurrent(op, gates, "last_only", extra=[bias(gates)], outputs=[False, True])
    recurrent(op, gates, "all_only", extra=[bias(gates)], outputs=[True])
    recurrent(op, gates, "clip", extra=[bias(gates)], clip=0.3)
    recurrent(op, gates, "newest", opset=22, extra=[bias(gates)])
recurrent("LSTM", 4, "peephole",
          extra=[bias(4), None, state(), state(), f32(1, 3 * H, lo=-0.5, hi=0.5)])
recurrent("LSTM", 4, "activations", extra=[bias(4)],
          activations=["HardSigmoid", "Tanh", "Relu"])
recurrent("LSTM", 4, "input_forget", extra=[bias(4)], input_forget=1)
recurrent("GRU", 3, "linear_before_reset", extra=[bias(3)], linear_before_reset=1)
recurrent("GRU", 3, "lbr_bidirectional", directions=2, extra=[bias(3, 2)],
          linear_before_reset=1, direction="bidirectional")
recurrent("GRU", 3, "activations", extra=[bias(3)], activations=["Sigmoid", "Softsign"])

# If.
text("If", "constant", 16, """g (float[3] x) => (float[3] y) <bool yes = {1}, float[3] k = {1, 2, 3}> {
  y = If (yes) <then_branch = t () => (float[3] a) { a = Add (x, k) },
                else_branch = e () => (float[3] b) { b = Sub (x, k) }>
}""", {"x": f32(3)})
for flag in (True, False):
    text("If", f"data_{flag}".lower(), 16, """g (float[3] x, bool c) => (float[3] y) {
      y = If (c) <then_branch = t () => (float[3] a) { a = Exp (x) },
                  else_branch = e () => (float[3] b) { b = Neg (x) }>
    }""", {"x": f32(3), "c": np.array(flag)})
text("If", "computed", 13, """g (float[2,3] x) => (float[2,3] y) <float zero = {0}> {
  s = ReduceSum <keepdims = 0> (x)
  c = Greater (s, zero)
  y = If (c) <then_branch = t () => (float[2,3] a) { a = Mul (x, s) },
              else_branch = e () => (float[2,3] b) { b = Div (x, s) }>
}""", {"x": f32(2, 3, lo=-1, hi=2)})
text("If", "nested", 16, """g (float[3] x, bool c, bool d) => (float[3] y, float[3] z) {
  y, z = If (c) <then_branch = t () => (float[3] a, float[3] a2) {
       a = If (d) <then_branch = tt () => (float[3] p) { p = Abs (x) },
                   else_branch = te () => (float[3] q) { q = Neg (x) }>
       a2 = Identity (x) },
     else_branch = e () => (float[3] b, float[3] b2) { b = Exp (x)  b2 = Add (b, x) }>
}""", {"x": f32(3), "c": np.array(True), "d": np.array(False)})
# As exporters write a squeeze: the branches even differ in rank.
text("If", "guard_on_shape", 13, """g (float[1,4] x) => (float[4] y)
<int64[1] one = {1}, int64[1] at = {0}, int64[1] flat = {-1}> {
  s = Shape (x)  d = Gather (s, at)  c = Equal (d, one)  cs = Squeeze (c)
  z = If (cs) <then_branch = t () => (float[4] a) { a = Squeeze (x, at) },
               else_branch = e () => (float[1,4] b) { b = Identity (x) }>
  y = Reshape (z, flat)
}""", {"x": f32(1, 4)})

# Loop.
text("Loop", "counted", 13, """g (float[3] x) => (float[3] y) <int64 n = {4}, bool on = {1}> {
  y = Loop (n, on, x) <body = b (int64 i, bool ci, float[3] v) => (bool co, float[3] w) {
    co = Identity (ci)  w = Add (v, x) }>
}""", {"x": f32(3)})
text("Loop", "scan_output", 13, """g (float[3] x) => (float[3] y, float[k,3] all) <int64 n = {4}, bool on = {1}> {
  y, all = Loop (n, on, x) <body = b (int64 i, bool ci, float[3] v) => (bool co, float[3] w, float[3] s) {
    co = Identity (ci)  f = Cast <to = 1> (i)  w = Add (v, f)  s = Mul (w, w) }>
}""", {"x": f32(3)})
text("Loop", "until", 16, """g (float[2] x, int64 n) => (float[2] y, int64 count) <bool on = {1}, float top = {20}, int64 zero = {0}, int64 one = {1}> {
  y, count = Loop (n, on, x, zero) <body = b (int64 i, bool ci, float[2] v, int64 c) => (bool co, float[2] w, int64 d) {
    w = Add (v, v)  s = ReduceMax <keepdims = 0> (w)  co = Less (s, top)  d = Add (c, one) }>
}""", {"x": arr(np.float32, 1, 3), "n": scalar(50, "int64")})
text("Loop", "zero_trips", 13, """g (float[3] x, int64 n) => (float[3] y) <bool on = {1}> {
  y = Loop (n, on, x) <body = b (int64 i, bool ci, float[3] v) => (bool co, float[3] w) {
    co = Identity (ci)  w = Neg (v) }>
}""", {"x": f32(3), "n": scalar(0, "int64")})
text("Loop", "while_only", 16, """g (float[1] x) => (float[1] y) <bool on = {1}, float top = {9}> {
  y = Loop ("", on, x) <body = b (int64 i, bool ci, float[1] v) => (bool co, float[1] w) {
    w = Add (v, v)  l = Less (w, top)  co = Squeeze (l) }>
}""".replace('""', ""), {"x": arr(np.float32, 1)})
text("Loop", "matmul_recurrence", 13, """g (float[1,4] h, float[4,4] w) => (float[1,4] y) <int64 n = {6}, bool on = {1}> {
  y = Loop (n, on, h) <body = b (int64 i, bool ci, float[1,4] v) => (bool co, float[1,4] u) {
    co = Identity (ci)  m = MatMul (v, w)  u = Tanh (m) }>
}""", {"h": f32(1, 4), "w": f32(4, 4)})
text("Scan", "cumsum", 13, """g (float[2] z, float[5,2] x) => (float[2] y, float[5,2] all) {
  y, all = Scan <num_scan_inputs = 1, body = b (float[2] a, float[2] e) => (float[2] n, float[2] o) {
    n = Add (a, e)  o = Identity (n) }> (z, x)
}""", {"z": f32(2), "x": f32(5, 2)}, core=False)

# What exporters leave behind.
text("Identity", "aliased_initialiser", 17, """g (float[2,4] x) => (float[2,4] y, float[2,4] z)
<float[4] ones = {1, 1, 1, 1}, float[4] b = {1, 2, 3, 4}> {
  other = Identity (ones)  again = Identity (other)
  y = LayerNormalization (x, ones, b)  z = LayerNormalization (y, again, b)
}""", {"x": f32(2, 4)})
text("Reshape", "shape_chain", 13, """g (float[2,3,4] x) => (float[2,12] y)
<int64 at = {0}, int64[1] rest = {-1}, int64[1] front = {0}> {
  s = Shape (x)  n = Gather <axis = 0> (s, at)  u = Unsqueeze (n, front)
  shape = Concat <axis = 0> (u, rest)  y = Reshape (x, shape)
}""", {"x": f32(2, 3, 4)})
text("Expand", "class_token", 16, """g (float[2,3,4] x, float[1,1,4] token) => (float[2,4,4] y)
<int64[1] at = {0}, int64[2] tail = {-1, -1}, int64[1] three = {3}, int64[3] minus = {-1, -1, -1}> {
  s = Shape (x)  n = Gather <axis = 0> (s, at)  want = Concat <axis = 0> (n, tail)
  ones = ConstantOfShape <value = int64[1] {1}> (three)
  is = Equal (want, minus)  shape = Where (is, ones, want)
  t = Expand (token, shape)  y = Concat <axis = 1> (t, x)
}""", {"x": f32(2, 3, 4), "token": f32(1, 1, 4)})
text("Slice", "half_of_shape", 13, """g (float[2,6] x) => (float[2,3] a, float[2,3] b)
<int64[1] one = {1}, int64[1] two = {2}, int64[1] zero = {0}, int64[1] end = {9223372036854775807}> {
  s = Shape (x)  n = Gather (s, one)  h = Div (n, two)
  a = Slice (x, zero, h, one)  b = Slice (x, h, end, one)
}""", {"x": f32(2, 6)})
text("Relu", "dead_and_shared", 13, """g (float[4] x) => (float[4] y, float[4] y2, float[4] x2) {
  unused = Exp (x)  y = Relu (x)  y2 = Identity (y)  x2 = Identity (x)
}""", {"x": f32(4)})
text("Relu", "output_feeds_on", 13, """g (float[4] x) => (float[4] y, float[4] z) {
  y = Relu (x)  z = Add (y, x)
}""", {"x": f32(4)})

# Model-local functions, one calling the other, with an attribute passed down.
text("LeakyRelu", "function", 17, """g (float[4] x) => (float[4] y) { y = local.twice <alpha = 0.25> (x) }
<domain: "local", opset_import: ["" : 17, "local" : 1]> twice <alpha> (a) => (c) {
  b = local.once <alpha : float = @alpha> (a)  c = local.once <alpha : float = @alpha> (b) }
<domain: "local", opset_import: ["" : 17]> once <alpha> (a) => (b) {
  b = LeakyRelu <alpha : float = @alpha> (a) }""", {"x": f32(4)}, imports=', "local" : 1')

# Whole small nets: what fusing must not break.
text("Conv", "bn_relu_pool", 15, """g (float[1,3,8,8] x, float[4,3,3,3] w0) => (float[1,4,4,4] y)
<float[4] s = {1, 0.5, 2, 1.5}, float[4] b = {0, 1, -1, 0.5}, float[4] m = {0.1, 0.2, 0.3, 0.4}, float[4] v = {1, 2, 0.5, 1}> {
  c = Conv <pads = [1, 1, 1, 1]> (x, w0)  n = BatchNormalization (c, s, b, m, v)
  r = Relu (n)  y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r)
}""", {"x": f32(1, 3, 8, 8), "w0": f32(4, 3, 3, 3)})
text("Add", "residual_diamond", 13, """g (float[2,4] x) => (float[2,4] y)
<float half = {0.5}> {
  a = Mul (x, half)  b = Tanh (a)  c = Sigmoid (a)  d = Mul (b, c)  e = Add (d, x)  y = Sub (e, a)
}""", {"x": f32(2, 4)})
text("Mul", "layernorm_by_hand", 16, """g (float[2,3,8] x) => (float[2,3,8] y)
<float two = {2}, float eps = {0.00001}, float[8] w = {1,2,1,2,1,2,1,2}, float[8] b = {0,1,0,1,0,1,0,1}> {
  m = ReduceMean <axes = [-1]> (x)  d = Sub (x, m)  q = Pow (d, two)
  v = ReduceMean <axes = [-1]> (q)  e = Add (v, eps)  r = Sqrt (e)
  n = Div (d, r)  s = Mul (n, w)  y = Add (s, b)
}""", {"x": f32(2, 3, 8)})
text("Mul", "gelu_by_hand", 13, """g (float[2,9] x) => (float[2,9] y)
<float r2 = {1.4142135}, float one = {1}, float half = {0.5}> {
  a = Div (x, r2)  b = Erf (a)  c = Add (b, one)  d = Mul (x, c)  y = Mul (d, half)
}""", {"x": f32(2, 9)})
