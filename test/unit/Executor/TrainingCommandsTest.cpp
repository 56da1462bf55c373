//===- TrainingCommandsTest.cpp - pulsed_update, backwards, read-out ------===//
#include "Sample.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Clock/Clock.h"
#include "hybridc/Clock/Describe.h"
#include "hybridc/Devices/OfChip.h"
#include "hybridc/Executor/ArrayHealth.h"
#include "hybridc/Executor/Executor.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

using namespace hybridc;
using namespace hybridc::exec;
using namespace hybridc::stream;

namespace {

constexpr size_t B = 4, K = 16, N = 4;

template <typename F> void eachOnArrays(Program &p, const F &visit) {
  for (Queue &queue : sample::segment(p).queues) {
    if (queue.engine != "ecram")
      continue;
    for (Item &item : queue.items)
      if (auto *repeat = std::get_if<Repeat>(&item.node))
        visit(*std::get_if<Command>(&repeat->body[0].node));
      else
        visit(*std::get_if<Command>(&item.node));
  }
}

void set(Command &c, Attr attr) {
  std::erase_if(c.attrs, [&](const Attr &a) { return a.name == attr.name; });
  c.attrs.push_back(std::move(attr));
  std::sort(c.attrs.begin(), c.attrs.end(),
            [](const Attr &a, const Attr &b) { return a.name < b.name; });
}

/// The program with everything on arrays ideal.
Program ideal() {
  Program p = sample::training();
  eachOnArrays(p, [](Command &c) { set(c, sample::ints("ideal", {1})); });
  return p;
}

struct Problem {
  std::vector<float> x, t, w;
  float lr = 0.05f;
  std::vector<float> y, g; ///< of the last step()

  Problem() : x(B * K), t(B * N), w(K * N) {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = std::sin(float(i) * 1.3f);
    for (size_t i = 0; i < t.size(); ++i)
      t[i] = std::cos(float(i) * 0.7f) / 2;
    for (size_t i = 0; i < w.size(); ++i)
      w[i] = float(i % 7) / 10 - 0.3f;
  }

  /// What one run of the sample computes.
  void step() {
    y.assign(B * N, 0);
    g.assign(B * K, 0);
    for (size_t b = 0; b < B; ++b)
      for (size_t k = 0; k < K; ++k)
        for (size_t n = 0; n < N; ++n)
          y[b * N + n] += x[b * K + k] * w[k * N + n];
    auto d = [&](size_t b, size_t n) { // the sample's vec program
      return std::max(0.0f, y[b * N + n] + t[b * N + n]);
    };
    for (float rate : {0.01f, 0.01f, 0.01f, lr})
      for (size_t b = 0; b < B; ++b)
        for (size_t k = 0; k < K; ++k)
          for (size_t n = 0; n < N; ++n)
            w[k * N + n] -= rate * x[b * K + k] * d(b, n);
    for (size_t b = 0; b < B; ++b)
      for (size_t k = 0; k < K; ++k)
        for (size_t n = 0; n < N; ++n)
          g[b * K + k] += d(b, n) * w[k * N + n];
  }
};

std::unique_ptr<Executor> make(const Program &p, const ExecOptions &how = {}) {
  auto made = Executor::create(p, how);
  EXPECT_TRUE(static_cast<bool>(made)) << made.error().message;
  return made ? std::move(*made) : nullptr;
}

void run(Executor &executor, const Problem &problem) {
  auto give = [&](const char *name, const void *data, size_t bytes) {
    Status s = executor.setInput(name, data, bytes);
    ASSERT_TRUE(static_cast<bool>(s)) << s.error().message;
  };
  give("x", problem.x.data(), problem.x.size() * 4);
  give("t", problem.t.data(), problem.t.size() * 4);
  give("lr", &problem.lr, 4);
  Status s = executor.run();
  ASSERT_TRUE(static_cast<bool>(s)) << s.error().message;
}

std::vector<float> floatsOf(const Executor &executor, const char *name) {
  auto tensor = executor.output(name);
  EXPECT_TRUE(static_cast<bool>(tensor));
  std::vector<float> out(tensor->bytes.size() / 4);
  std::memcpy(out.data(), tensor->bytes.data(), tensor->bytes.size());
  return out;
}

double furthest(const std::vector<float> &a, const std::vector<float> &b) {
  double most = a.size() == b.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    most = std::max(most, std::fabs(double(a[i]) - b[i]));
  return most;
}

TEST(TrainingCommands, IdealOnesAreTheirSums) {
  for (bool noise : {true, false})
    for (bool unroll : {true, false}) {
      ExecOptions how;
      how.noise = noise;
      how.unroll = unroll;
      auto executor = make(ideal(), how);
      ASSERT_TRUE(executor);
      Problem problem;
      // What the arrays have learned is there in the next run.
      for (int i = 0; i < 3; ++i) {
        run(*executor, problem);
        problem.step();
        EXPECT_LT(furthest(floatsOf(*executor, "y"), problem.y), 2e-6);
        EXPECT_LT(furthest(floatsOf(*executor, "g"), problem.g), 2e-6);
        EXPECT_LT(furthest(floatsOf(*executor, "w"), problem.w), 1e-6);
      }
      // From the programmed weights again.
      executor->reseed(0, 0);
      Problem first;
      run(*executor, first);
      first.step();
      EXPECT_LT(furthest(floatsOf(*executor, "w"), first.w), 1e-6);
      EXPECT_EQ(executor->updateCounts().at(1).updates, 16u);
      EXPECT_EQ(executor->updateCounts().at(1).pulses, 0u);
    }
}

TEST(TrainingCommands, WithoutNoiseOnlyConvertersDiffer) {
  ExecOptions quiet;
  quiet.noise = false;
  auto executor = make(sample::training(), quiet);
  ASSERT_TRUE(executor);
  Problem problem;
  run(*executor, problem);
  problem.step();
  // Outputs: 10 bits over ±10; inputs: 8 bits.
  double step = 20.0 / 254;
  double y = furthest(floatsOf(*executor, "y"), problem.y);
  double w = furthest(floatsOf(*executor, "w"), problem.w);
  EXPECT_GT(y, 1e-5);
  EXPECT_LT(y, 2 * step);
  // The error in d moves W by less than lr · Σ|x| of it.
  EXPECT_LT(w, step / 2 + 0.08 * B * y);
}

TEST(TrainingCommands, PulsesFollowTheSeedAndNotTheThreads) {
  std::vector<float> first, second;
  for (unsigned threads : {1u, 2u, 5u}) {
    ExecOptions how;
    how.threads = threads;
    how.seed = 7;
    auto executor = make(sample::training(), how);
    ASSERT_TRUE(executor);
    Problem problem;
    run(*executor, problem);
    auto a = floatsOf(*executor, "w");
    run(*executor, problem);
    auto b = floatsOf(*executor, "w");
    if (first.empty()) {
      first = a;
      second = b;
    }
    EXPECT_EQ(a, first);
    EXPECT_EQ(b, second);
    EXPECT_NE(a, b); // it goes on learning
    executor->reseed(8, 0);
    run(*executor, problem);
    EXPECT_NE(floatsOf(*executor, "w"), first);
    executor->reseed(7, 0);
    run(*executor, problem);
    EXPECT_EQ(floatsOf(*executor, "w"), first);
  }
}

TEST(TrainingCommands, PulsesMoveWeightsByTheirSumOnAverage) {
  Problem exact;
  std::vector<float> start = exact.w;
  exact.step();
  std::vector<double> mean(K * N);
  constexpr unsigned kSeeds = 200;
  uint64_t pulses = 0;
  Program p = sample::training();
  eachOnArrays(p, [](Command &c) {
    if (c.op == Op::ReadWeights || c.op == Op::Mvm)
      set(c, sample::ints("ideal", {1})); // what the cells hold
  });
  ExecOptions alone; // so small that more threads only wait
  alone.threads = 1;
  auto executor = make(p, alone);
  ASSERT_TRUE(executor);
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    executor->reseed(seed, 0);
    run(*executor, Problem());
    std::vector<float> w = floatsOf(*executor, "w");
    for (size_t i = 0; i < w.size(); ++i)
      mean[i] += double(w[i]) / kSeeds;
    for (const UpdateCount &count : executor->updateCounts()) {
      EXPECT_EQ(count.updates, 16u);
      EXPECT_LE(count.mostPulses, 16u * 31);
      EXPECT_GT(count.mostPulses, 0u);
      EXPECT_GE(count.pulses, count.mostPulses);
      pulses += count.pulses;
    }
  }
  // Along the exact change; a cell's slope makes steps up and down differ.
  double both = 0, own = 0, moved = 0;
  for (size_t i = 0; i < mean.size(); ++i) {
    double change = double(exact.w[i]) - start[i];
    both += (mean[i] - start[i]) * change;
    own += change * change;
    moved += std::fabs(change);
  }
  EXPECT_NEAR(both / own, 1, 0.1);
  // Each pulse is a step of 0.002 or a little less, and some cancel.
  double perRun = double(pulses) / kSeeds * 0.002;
  EXPECT_GT(perRun, 0.9 * moved);
  EXPECT_LT(perRun, 2 * moved);
}

TEST(TrainingCommands, ProgrammingAgainStartsAnew) {
  auto executor = make(ideal());
  ASSERT_TRUE(executor);
  Problem problem;
  run(*executor, problem);
  ASSERT_TRUE(static_cast<bool>(executor->run("program")));
  run(*executor, problem);
  problem.step();
  EXPECT_LT(furthest(floatsOf(*executor, "w"), problem.w), 1e-6);
}

template <typename F> std::string refusal(const F &change) {
  Program p = sample::training();
  change(p);
  auto made = Executor::create(p);
  if (!made)
    return made.error().message;
  Problem problem;
  (void)(*made)->setInput("x", problem.x.data(), problem.x.size() * 4);
  Status s = (*made)->run();
  return s ? "" : s.error().message;
}

TEST(TrainingCommands, RefusesWhatArraysCannotDo) {
  auto has = [](const std::string &text, const char *part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  auto onPcm = [](Program &p) {
    for (ArrayTile &tile : p.arrays)
      tile.engine = "pcm";
    for (Entry &entry : p.entries)
      for (Queue &queue :
           std::get_if<Segment>(&entry.body.nodes[0].node)->queues)
        if (queue.engine == "ecram")
          queue.engine = "pcm";
  };
  has(refusal(onPcm), "array 'w_k0': is updated, but arrays 'pcm' are for "
                      "inference; 'test-chip' has 'ecram' to train on");
  has(refusal([&](Program &p) {
        onPcm(p);
        std::erase_if(sample::segment(p).queues[2].items, [](const Item &i) {
          auto *c = std::get_if<Command>(&i.node);
          return !c || c->op == Op::PulsedUpdate;
        });
      }),
      "is driven from its rows alone");
  has(refusal([](Program &p) {
        auto *repeat =
            std::get_if<Repeat>(&sample::segment(p).queues[2].items[1].node);
        set(*std::get_if<Command>(&repeat->body[0].node),
            sample::ints("ideal", {1}));
      }),
      "has updates that are ideal and others that are not");
  has(refusal([](Program &p) {
        p.chipYaml.replace(p.chipYaml.find("ecram-li"), 8, "pcm-onesided");
      }),
      "'pcm-onesided' is one-sided: its cells come in pairs");
  has(refusal([](Program &p) {
        p.chipYaml.replace(p.chipYaml.find("pulse_ns"), 8,
                           "update_pulses: 65536, pulse_ns");
      }),
      "trains of 65536 pulses");
  has(refusal([](Program &p) {
        auto &queue =
            std::get_if<Segment>(&p.entries[0].body.nodes[0].node)->queues[0];
        set(*std::get_if<Command>(&queue.items[0].node),
            sample::floats("scale", {1, 1, 2, 1}));
      }),
      "give one scale");
  Problem problem;
  problem.x[3] = NAN;
  auto executor = make(sample::training());
  ASSERT_TRUE(executor);
  (void)executor->setInput("x", problem.x.data(), problem.x.size() * 4);
  Status s = executor->run();
  ASSERT_FALSE(static_cast<bool>(s));
  has(s.error().message, "is not a finite number");
}

TEST(TrainingCommands, FaultsAreThere) {
  ExecOptions how;
  how.noise = false;
  how.faults = "stuck=0,dead_row=1";
  auto executor = make(sample::training(), how);
  ASSERT_TRUE(executor);
  Problem problem;
  run(*executor, problem);
  for (const char *name : {"y", "w", "g"}) // no row carries anything
    for (float value : floatsOf(*executor, name))
      EXPECT_EQ(value, 0) << name;
}

TEST(TrainingCommands, TimeAndEnergyByHand) {
  Program p = sample::training();
  auto chip = chip::parseChip(p.chipYaml, "test");
  ASSERT_TRUE(static_cast<bool>(chip));
  auto clock = runClock(p, *chip);
  ASSERT_TRUE(static_cast<bool>(clock)) << clock.error().message;
  const WorkUse *update = nullptr;
  for (const WorkUse &use : clock->work)
    if (use.kind == chip::WorkKind::PulsedUpdate)
      update = &use;
  ASSERT_TRUE(update);
  auto pj = [&](chip::Component part) {
    return update->byComponent_pj[unsigned(part)];
  };
  // Four commands of four vectors, trains of 31 pulses of 8 ns, two tiles of
  // 8 × 4 cells side by side; each line's driver makes a train.
  EXPECT_EQ(update->commands, 4);
  EXPECT_DOUBLE_EQ(update->busyCycles, 16 * 31 * 8);
  EXPECT_DOUBLE_EQ(pj(chip::Component::ArrayWrite), 16 * 31 * 0.5 * 64);
  EXPECT_DOUBLE_EQ(pj(chip::Component::Dac), 16 * 2 * (8 + 4));
  EXPECT_DOUBLE_EQ(update->macs, 16 * 64);
  EXPECT_EQ(pj(chip::Component::Adc), 0);
  // Backwards, four columns are driven and eight rows converted.
  Command backwards =
      *std::get_if<Command>(&sample::segment(p).queues[2].items[3].node);
  chip::Cost cost = chip::cost(*chip, describe(backwards, p));
  EXPECT_DOUBLE_EQ(cost.energy_pj[unsigned(chip::Component::Dac)], 4 * 2 * 4);
  EXPECT_DOUBLE_EQ(cost.energy_pj[unsigned(chip::Component::Adc)],
                   4 * 2 * 8 * 2.0);
  EXPECT_EQ(cost.cycles, 400u);
  // Eight rows of each tile, four times, both tiles at once.
  Command read =
      *std::get_if<Command>(&sample::segment(p).queues[2].items[4].node);
  EXPECT_EQ(chip::cost(*chip, describe(read, p)).cycles, 3200u);
}

TEST(TrainingCommands, TheClockHasNoTimeForWhatArraysCannotDo) {
  Program p = sample::training();
  auto chip = chip::parseChip(p.chipYaml, "test");
  ASSERT_TRUE(static_cast<bool>(chip));
  chip->arrays[0].purpose = "inference";
  auto clock = runClock(p, *chip);
  ASSERT_FALSE(clock);
  EXPECT_NE(clock.error().message.find(
                "arrays 'ecram' are for inference and cannot be updated"),
            std::string::npos)
      << clock.error().message;
  std::erase_if(sample::segment(p).queues[2].items, [](const Item &item) {
    auto *command = std::get_if<Command>(&item.node);
    return !command || command->op == Op::PulsedUpdate;
  });
  clock = runClock(p, *chip);
  ASSERT_FALSE(clock);
  EXPECT_NE(clock.error().message.find("driven from their rows alone"),
            std::string::npos)
      << clock.error().message;
}

/// Cells that hold what they are told, read through a periphery with much that
/// depends on the size of weights: as by an array whose weights are within ±1.
/// `least`: what the periphery changes outputs by.
static void expectPeriphery(const std::string &fields, double least) {
  Program p = sample::training();
  p.chipYaml.replace(
      p.chipYaml.find("device: ecram-li"), 16,
      "device: constant-step, device_params: {w_max: 1, w_min: -1, w_max_dtod: "
      "0, w_min_dtod: 0}, periphery: {in_res: 0, out_res: 0, out_noise: 0, " +
          fields + "}");
  auto executor = make(p);
  ASSERT_TRUE(executor);
  Problem problem;
  run(*executor, problem);
  auto chip = chip::parseChip(p.chipYaml, "test");
  ASSERT_TRUE(static_cast<bool>(chip));
  ArrayConfig config;
  config.device = "ideal";
  config.periphery = peripheryOf(*chip->findArray("ecram"));
  std::vector<float> want(B * N), plain(B * N);
  MvmScratch scratch;
  for (size_t t = 0; t < 2; ++t) {
    auto array = AnalogArray::create(config);
    ASSERT_TRUE(static_cast<bool>(array));
    float one = 1;
    ProgramOptions options;
    options.scale = {&one, 1};
    ASSERT_TRUE(static_cast<bool>(
        array->program(problem.w.data() + t * 8 * N, N, 8, N, options)));
    array->compute(ArrayMode::Noisy);
    MvmOptions add;
    add.accumulate = true;
    array->mvm(problem.x.data() + t * 8, K, want.data(), N, B, add, scratch);
    for (size_t b = 0; b < B; ++b)
      for (size_t k = 0; k < 8; ++k)
        for (size_t n = 0; n < N; ++n)
          plain[b * N + n] +=
              problem.x[b * K + t * 8 + k] * problem.w[(t * 8 + k) * N + n];
  }
  double off = furthest(floatsOf(*executor, "y"), want);
  double does = furthest(want, plain);
  std::printf("the periphery changes outputs by up to %.3f; off by %.1e (bound "
              "1e-5)\n",
              does, off);
  EXPECT_GT(does, least);
  EXPECT_LT(off, 1e-5);
}

TEST(TrainingCommands, ThePeripheryIsThatOfTheKind) {
  expectPeriphery("out_bound: 1, ir_drop: 1, ir_drop_g_ratio: 1e4, r_series: "
                  "0.05, out_nonlinearity: 0.2, bound_management: true, "
                  "bound_management_type: worst_case",
                  0.02);
  // The average is that of all rows of the product.
  expectPeriphery("out_bound: 0, noise_management: true, "
                  "noise_management_type: average_abs_max",
                  0.002);
}

TEST(TrainingCommands, ManyReadsAverageTheNoise) {
  // Nothing moves the cells, so two runs differ by the noise of reading.
  auto spreadOf = [](int64_t reads) {
    Program p = sample::training();
    p.chipYaml.replace(p.chipYaml.find("device: ecram-li"), 16,
                       "device: ecram-li, periphery: {in_res: 0, out_res: 0, "
                       "out_noise: 0.06, out_bound: 0}");
    eachOnArrays(p, [&](Command &c) {
      if (c.op == Op::ReadWeights)
        set(c, sample::ints("reads", {reads}));
    });
    Problem still;
    std::fill(still.x.begin(), still.x.end(), 0.0f);
    ExecOptions alone; // so small that more threads only wait
    alone.threads = 1;
    auto executor = make(p, alone);
    std::vector<float> before;
    double squares = 0;
    constexpr int kRuns = 20;
    for (int i = 0; i <= kRuns; ++i) {
      run(*executor, still);
      std::vector<float> w = floatsOf(*executor, "w");
      for (size_t j = 0; i > 0 && j < w.size(); ++j)
        squares += std::pow(double(w[j]) - before[j], 2);
      before = std::move(w);
    }
    return std::sqrt(squares / (2.0 * kRuns * K * N));
  };
  // Of 1280 differences, four standard errors.
  double once = spreadOf(1), often = spreadOf(64), bound = 4 / std::sqrt(2560);
  std::printf("deviation %.4f of one read, bound %.4f within %.0f %%; %.5f of "
              "64 reads\n",
              once, 0.06, 100 * bound, often);
  EXPECT_NEAR(once, 0.06, bound * 0.06);
  EXPECT_NEAR(often, 0.06 / 8, bound * 0.06 / 8);
}

TEST(TrainingCommands, WearByHand) {
  Program p = sample::training();
  auto chip = chip::parseChip(p.chipYaml, "test");
  auto health = inspectArrays(p);
  ASSERT_TRUE(chip && health);
  addUpdates(*health, p, *chip, "infer", /*run_ns=*/1000);
  ASSERT_EQ(health->tiles.size(), 2u);
  // Four commands, three of them in a loop, of four vectors; one pulse of the
  // 1e9 went into programming.
  const TileHealth &first = health->tiles[0], &second = health->tiles[1];
  EXPECT_EQ(first.updates, 16u);
  EXPECT_FALSE(first.isCounted);
  EXPECT_EQ(first.mostUpdatePulses, 16 * 31);
  EXPECT_DOUBLE_EQ(first.runsLeft, (1e9 - 1) / (16 * 31));
  EXPECT_DOUBLE_EQ(first.trainingLife_s, first.runsLeft * 1e-6);
  UpdateCount count;
  count.array = 1;
  count.updates = 32;
  count.pulses = 100;
  count.mostPulses = 10;
  std::vector<UpdateCount> counted{count};
  addUpdates(*health, p, *chip, "infer", 1000, counted, /*runs=*/2);
  EXPECT_TRUE(second.isCounted && !first.isCounted);
  EXPECT_EQ(second.updates, 16u);
  EXPECT_EQ(second.updatePulses, 50);
  EXPECT_DOUBLE_EQ(second.runsLeft, (1e9 - 1) / 5);
  addUpdates(*health, p, *chip, "program", 1000);
  EXPECT_EQ(first.updates, 0u);
}

} // namespace
