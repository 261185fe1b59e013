public import ArgumentParser
public import Swiftlet

// The engine's own words are the values of --gemm, --precision, --function and --long-text.
extension GEMMBackend: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension ScoreFunction: ExpressibleByArgument {}
extension LongText: ExpressibleByArgument {}
