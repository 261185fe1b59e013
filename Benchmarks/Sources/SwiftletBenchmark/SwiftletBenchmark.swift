import ArgumentParser
import Glibc

/// `swiftlet-benchmark`: how fast Swiftlet is on this machine, and how near to what the machine can.
@main
struct SwiftletBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet-benchmark",
    abstract:
      "Measures Swiftlet: latency, throughput, start, memory, tokenizer, and what it costs.",
    subcommands: [
      MeasureCommand.self, MakeModelCommand.self, MakeInt8ModelCommand.self,
      MakeWorkloadCommand.self, WorkerCommand.self, TrainingCommand.self, TokenizerCommand.self,
    ],
    defaultSubcommand: MeasureCommand.self)

  static func main() {
    // A child that ends early is reported by its failed write.
    signal(SIGPIPE, SIG_IGN)
    main(nil)
  }
}
