import ArgumentParser

/// `swiftlet-benchmark measure`, and what `swiftlet-benchmark` alone does.
struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measures the engine in one or more ways and prints tables.",
    discussion: """
      EXAMPLES
        swiftlet-benchmark --model base
        swiftlet-benchmark --model base --threads 1 --isa avx512,avx2,baseline --sections latency
        swiftlet-benchmark --model base --precision float32,bfloat16,int8 --json results.json
      """)

  enum Section: String, CaseIterable, ExpressibleByArgument {
    case latency, throughput, start, tokenizer
  }

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The model's folder; make-model writes one of DistilBERT-base's size.", valueName: "folder"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "The same model as make-int8-model writes it, for int8. Default: quantised at load.",
      valueName: "folder"))
  var int8Model: String?

  @OptionGroup var engine: EngineArguments

  @Option(
    help: ArgumentHelp("Token counts to measure the latency at.", valueName: "list"))
  var lengths = CommaList<Int>(Workload.latencyLengths)

  @Option(help: ArgumentHelp("What to measure.", valueName: "list"))
  var sections = CommaList<Section>(Section.allCases)

  @Option(help: ArgumentHelp("Seconds for each figure.", valueName: "seconds"))
  var time = 1.5

  @Flag(help: "A fifth of a second for each figure: to see that all works.")
  var quick = false

  @Option(help: ArgumentHelp("Write all figures to a file.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("What an hour of one core costs, in dollars.", valueName: "price"))
  var pricePerCoreHour = 0.04

  @Option(
    help: ArgumentHelp(
      "Texts for the tokenizer, one in a line. Default: a sample that comes along.",
      valueName: "file"))
  var texts = Files.inRepository("Benchmarks/texts/sample.txt")

  func validate() throws {
    guard time > 0, time < 3600 else { throw ValidationError("--time must be above 0") }
    if let bad = lengths.elements.first(where: { $0 < 2 }) {
      throw ValidationError("--lengths must be 2 or more, found \(bad)")
    }
  }

  func run() throws {
    let machine = Machine.current
    let measurement = try Measurement(
      models: ModelFolders(float32: model, int8: int8Model), lengths: lengths.elements,
      sections: Set(sections.elements),
      duration: .seconds(quick ? 0.2 : time), isQuick: quick)
    var report = Report(machine: machine, model: measurement.shape, isQuick: quick)
    report.pricePerCoreHour = pricePerCoreHour
    if sections.elements.contains(.tokenizer) {
      report.tokenizer = try measurement.tokenizer(texts: texts)
    }
    for configuration in engine.configurations(on: machine) {
      if let reason = configuration.reasonToSkip(on: machine) {
        Files.note("skipping \(configuration.title): \(reason)")
        report.skipped.append("\(configuration.title): \(reason)")
        continue
      }
      Files.note("measuring \(configuration.title)")
      report.results.append(try measurement.measure(configuration, on: machine))
    }
    print(report.text)
    if let json { try Files.write(Files.json(report, isPretty: true), to: json) }
  }
}
