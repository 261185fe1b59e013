import ArgumentParser

extension InstructionSet: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension Products: ExpressibleByArgument {}

/// A list of values with commas between them: `--threads 1,2`.
struct CommaList<Element: ExpressibleByArgument & Sendable>: ExpressibleByArgument, Sendable {
  var elements: [Element]

  init(_ elements: [Element]) { self.elements = elements }

  init?(argument: String) {
    var elements: [Element] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let element = Element(argument: String(part)) else { return nil }
      elements.append(element)
    }
    self.elements = elements
  }

  var defaultValueDescription: String {
    elements.map(\.defaultValueDescription).joined(separator: ",")
  }

  static var allValueStrings: [String] { Element.allValueStrings }
}

/// What is measured in which ways; every combination of the lists is measured.
struct EngineArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Instruction sets. Default: the best.", valueName: "list"))
  var isa: CommaList<InstructionSet>?

  @Option(help: ArgumentHelp("float32, bfloat16, int8, or several.", valueName: "list"))
  var precision = CommaList<Precision>([.float32])

  @Option(help: ArgumentHelp("Who multiplies matrices.", valueName: "list"))
  var gemm = CommaList<Products>([.automatic])

  @Option(help: ArgumentHelp("Numbers of threads. Default: 1 and all.", valueName: "list"))
  var threads: CommaList<Int>?

  func validate() throws {
    if let bad = threads?.elements.first(where: { !(1...4096).contains($0) }) {
      throw ValidationError("--threads must be between 1 and 4096, found \(bad)")
    }
  }

  /// Every combination, those of one engine one after another.
  func configurations(on machine: Machine) -> [MeasuredConfiguration] {
    let sets = isa?.elements.map(Optional.some) ?? [nil]
    let counts = threads?.elements ?? Set([1, machine.processorCount]).sorted()
    var result: [MeasuredConfiguration] = []
    for set in sets {
      for precision in precision.elements {
        for backend in gemm.elements {
          let choices = EngineChoices(instructionSet: set, precision: precision, products: backend)
          result += counts.map { MeasuredConfiguration(choices: choices, threads: $0) }
        }
      }
    }
    return result
  }
}

/// One way to run the engine.
struct MeasuredConfiguration: Codable, Sendable {
  var choices: EngineChoices
  var threads: Int

  /// Why the machine cannot run it; nil if it can.
  func reasonToSkip(on machine: Machine) -> String? {
    let set = choices.instructionSet ?? machine.instructionSet
    guard !set.supports(choices.precision) else { return nil }
    return "\(choices.precision) needs AVX512_BF16, and the instruction set is \(set)"
  }

  var title: String {
    let set = choices.instructionSet?.rawValue ?? "best instruction set"
    let count = threads == 1 ? "1 thread" : "\(threads) threads"
    return "\(choices.precision), \(set), \(choices.products) products, \(count)"
  }
}
