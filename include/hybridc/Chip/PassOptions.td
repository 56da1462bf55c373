//===- PassOptions.td - Options that several passes have ------*- tablegen -*-===//
#ifndef HYBRIDC_CHIP_PASSOPTIONS_TD
#define HYBRIDC_CHIP_PASSOPTIONS_TD

include "mlir/Pass/PassBase.td"

def TargetOption : Option<"target", "target", "std::string",
                            /*default=*/"\"hybrid-edge\"",
                            "chip: a preset's name or a YAML file">;

#endif // HYBRIDC_CHIP_PASSOPTIONS_TD
