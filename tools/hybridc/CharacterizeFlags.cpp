//===- CharacterizeFlags.cpp - Options of characterize --what … -----------===//
#include "CharacterizeFlags.h"

using namespace hybridc;
using namespace hybridc::driver;

void driver::addThermalStudy(CLI::App &sub, ThermalStudyArgs &args) {
  const char *group = "--what thermal";
  sub.add_option("--power", args.power,
                 "heat of a block in W, BLOCK=W; may be repeated")
      ->group(group);
  sub.add_option("--ptrace", args.powerTrace,
                 "powers over time: HotSpot's .ptrace, a line an interval; the "
                 "steady state is that of their mean")
      ->group(group);
  sub.add_option("--hotspot-config", args.config,
                 "package from HotSpot's .config")
      ->group(group);
  sub.add_option("--thermal-model", args.model,
                 "block: a node for each block and layer; grid: HotSpot's grid "
                 "of cells, by --set grid_rows=, grid_cols=; default: what the "
                 ".config or the target says")
      ->check(CLI::IsMember({"block", "grid"}))
      ->group(group);
  sub.add_option("--interval", args.interval_s,
                 "length of a line of --ptrace in s (default 3.333e-6, as "
                 "HotSpot's, or what its .config says)")
      ->check(within(1e-12, 1e6))
      ->group(group);
  sub.add_option("--duration", args.duration,
                 "time that constant power is followed for (default 1000s)")
      ->group(group);
  sub.add_option("--start", args.start,
                 "temperatures at first: of all parts in C, 'steady' (those "
                 "of the mean power), or HotSpot's .steady or .init; default: "
                 "ambient, or what the .config says")
      ->group(group);
  sub.add_option("--leakage", args.leakage,
                 "add the target's leakage at its temperature: on or off")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}))
      ->group(group);
  sub.add_option("--ttrace", args.temperatureTrace,
                 "file for the blocks over time, in C, as HotSpot's .ttrace; - "
                 "is stdout")
      ->group(group);
}

void driver::addChipStudy(CLI::App &app, ChipStudy &study) {
  const char *timing = "Timing";
  app.add_option("--shape", study.shapes,
                 "timing: a product MxKxN, or a convolution "
                 "H,W,r,s,c,M,stride (padding counts in H and W; an eighth "
                 "number is the stride of columns); may be repeated")
      ->group(timing);
  app.add_option("--topology", study.topology,
                 "timing: a CSV of layers, as SCALE-Sim reads it: a heading "
                 "(or none), then NAME,H,W,r,s,c,M,stride or NAME,M,N,K; DP in "
                 "the name: depthwise")
      ->group(timing);
  app.add_option("--format", study.format, "timing: of the operands")
      ->capture_default_str()
      ->group(timing)
      ->check(CLI::IsMember({"f64", "f32", "f16", "bf16", "f8", "i64", "i32",
                             "i16", "i8", "i4"}));
  app.add_option("--weights", study.weights,
                 "timing: where they come from: sram, or dram, whose "
                 "bandwidth then counts")
      ->capture_default_str()
      ->group(timing)
      ->check(CLI::IsMember({"sram", "dram"}));
  app.add_option("--images", study.batch, "timing: how many at once")
      ->capture_default_str()
      ->group(timing)
      ->check(CLI::Range(1, 65536));
  app.add_option("--groups", study.groups,
                 "timing: of the convolution, c and M being those of one")
      ->capture_default_str()
      ->group(timing)
      ->check(CLI::Range(1, 65536));
  const char *adc = "ADC";
  app.add_option("--bits", study.bits,
                 "adc: resolutions; default: those of the target's arrays, or "
                 "4,6,8,10,12 where it has none")
      ->group(adc);
  app.add_option("--technology", study.technology,
                 "adc: processes in nm; default: the target's")
      ->group(adc);
  app.add_option("--frequency", study.frequency, "adc: conversions per second")
      ->capture_default_str()
      ->group(adc);
}
