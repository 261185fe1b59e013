import FoundationEssentials

/// Everything that was found, for a reader and as JSON.
struct Report: Encodable {
  var machine: Machine
  var model: ModelShape
  var isQuick: Bool
  var pricePerCoreHour = 0.04
  var tokenizer: TokenizerRate?
  var results: [Result] = []
  /// What this machine cannot measure, each with its reason.
  var skipped: [String] = []

  init(machine: Machine, model: ModelShape, isQuick: Bool) {
    self.machine = machine
    self.model = model
    self.isQuick = isQuick
  }

  enum CodingKeys: String, CodingKey {
    case machine, model, tokenizer, results, skipped
    case isQuick = "quick"
    case pricePerCoreHour = "price_per_core_hour"
  }

  var text: String {
    var text = """
      \(machine.processor), \(machine.processorCount) processors, \(machine.instructionSet); \
      DistilBERT, \(model.layerCount) layers of width \(model.dimension)

      """
    if isQuick { text += "A quick run: the figures only show that all works.\n" }
    for result in results { text += "\n" + section(result) }
    for line in skipped { text += "\nSkipped: \(line)\n" }
    if let tokenizer {
      text += """

        Tokenizer, one thread: \(number(tokenizer.megabytesPerSecond, 1)) MB/s, \
        \(number(tokenizer.textsPerSecond, 0)) texts/s (\(tokenizer.texts) texts of \
        \(tokenizer.bytes / tokenizer.texts) bytes and \(tokenizer.tokens / tokenizer.texts) \
        tokens); loaded in \(number(tokenizer.loadingSeconds * 1e3, 1)) ms

        """
    }
    return text
  }

  private func section(_ result: Result) -> String {
    let limit = result.limits.weightProducts / 1e9
    var text = "== \(result.configuration.title)\n"
    text += "   limit of the cores' arithmetic: \(number(limit, 0)) billion operations/s"
    text += ", of reading memory: \(number(result.limits.memoryReads / 1e9, 1)) GB/s"
    text += "; others had \(number(result.othersPercent, 1)) % of the machine meanwhile\n"
    if !result.latency.isEmpty { text += "\n" + latencyTable(result) }
    if !result.throughput.isEmpty { text += "\n" + throughputTable(result) }
    if let start = result.start {
      text += """

        Cold start: loaded after \(number(start.loadedSeconds * 1e3, 0)) ms, first answer after \
        \(number(start.firstAnswerSeconds * 1e3, 0)) ms
        Resident: \(number(start.residentMegabytes, 0)) MB, after 512 tokens \
        \(number(start.residentAfter512Megabytes, 0)) MB, at most \
        \(number(start.peakMegabytes, 0)) MB

        """
    }
    return text
  }

  private func latencyTable(_ result: Result) -> String {
    var grid = TextGrid()
    grid.add(["tokens", "median ms", "p10", "p90", "p99", "Gop/s", "of limit", "best"])
    for row in result.latency {
      let times = [row.median, row.p10, row.p90, row.p99].map { number($0, 2) }
      grid.add(
        ["\(row.tokens)"] + times
          + [
            number(row.operationsPerSecond / 1e9, 0), percent(row.shareOfLimit),
            percent(row.bestShareOfLimit),
          ])
    }
    return grid.text
  }

  private func throughputTable(_ result: Result) -> String {
    let threads = result.configuration.threads
    var grid = TextGrid()
    grid.add(
      ["throughput", "texts/s", "per core", "tokens/s", "of limit", "$ per 10 million"])
    for row in result.throughput {
      let price = row.priceOfTenMillion(pricePerCoreHour: pricePerCoreHour, cores: threads)
      grid.add([
        row.name, number(row.textsPerSecond, 1), number(row.textsPerSecond / Double(threads), 1),
        number(row.tokensPerSecond, 0), percent(row.shareOfLimit), number(price, 2),
      ])
    }
    let price = number(pricePerCoreHour, 3)
    return grid.text + "(at $\(price) per core-hour)\n"
  }

  private func percent(_ share: Double) -> String { number(share * 100, 0) + " %" }
}

/// A number with so many decimals.
func number(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = Int((abs(value) * scale).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + "\(scaled)" }
  let digits = String(scaled)
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
}

/// Cells under one another, all but the first of a row to the right.
struct TextGrid {
  private var rows: [[String]] = []

  init() {}

  mutating func add(_ cells: [String]) { rows.append(cells) }

  var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
