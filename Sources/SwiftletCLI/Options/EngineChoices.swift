public import ArgumentParser
public import Swiftlet

// The engine's own words are the values of --gemm, --function and --long-text.
extension GEMMBackend: ExpressibleByArgument {}
extension ScoreFunction: ExpressibleByArgument {}
extension LongText: ExpressibleByArgument {}
