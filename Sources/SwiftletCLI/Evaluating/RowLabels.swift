/// Finds the labels of each row, and counts rows whose label is missing or unknown.
struct RowLabels {
  private var mapping: LabelMapping
  private let policy: UnknownLabelPolicy
  private let isSeveral: Bool
  /// Whether the last kept column has the labels, and not the record.
  private let areKept: Bool

  /// Rows that were skipped.
  private(set) var skippedCount = 0
  /// The label of the first skipped row, and its place.
  private var firstSkipped: (label: String, place: String)?

  /// - Parameters:
  ///   - mapping: From words of the file to labels of the model.
  ///   - policy: What happens to other rows.
  ///   - isSeveral: Whether a row may have any number of labels.
  ///   - areKept: Whether the last kept column has the labels, and not the record.
  init(
    _ mapping: LabelMapping, policy: UnknownLabelPolicy, isSeveral: Bool, areKept: Bool = false
  ) {
    self.mapping = mapping
    self.policy = policy
    self.isSeveral = isSeveral
    self.areKept = areKept
  }

  /// The indices of a row's labels; nil for a row that is skipped.
  mutating func indices(of text: SourcedText) throws(CommandFailure) -> [Int]? {
    let field = areKept ? text.columns.last.flatMap(RowLabel.init) : text.label.map(RowLabel.text)
    let found: [Int]? =
      switch field {
      case .text(let label)? where isSeveral: mapping.several(label)
      case .list(let labels)? where isSeveral: mapping.several(labels)
      case .text(let label)?: mapping(label).map { [$0] }
      case .list?, nil: nil
      }
    if let found { return found }
    guard policy == .skip else { throw failure(field, at: text.place) }
    skippedCount += 1
    if firstSkipped == nil { firstSkipped = (field?.shown ?? "", text.place) }
    return nil
  }

  private func failure(_ field: RowLabel?, at place: String) -> CommandFailure {
    let advice = "--unknown-labels skip leaves such rows out"
    guard let field, !LabelMapping.trimmed(field.shown).isEmpty else {
      return CommandFailure("\(place): no label; \(advice)", .badData)
    }
    if case .list = field, !isSeveral {
      return CommandFailure(
        "\(place): a list of labels, but the model has one label for each text; \(advice)", .badData
      )
    }
    let label = DisplayText.shorten(field.shown, to: 40)
    return CommandFailure(
      "\(place): unknown label \"\(label)\"; the model has \(mapping.model.summary);"
        + " --map-label \(ShellText.word(label + "=LABEL")) maps it,"
        + " \(advice)", .badData)
  }

  /// Says how many rows were skipped, and which mappings were not used.
  func warn() {
    for note in mapping.model.takeNotes() { printMessage("swiftlet: note: \(note)") }
    if skippedCount > 0, let firstSkipped {
      let label = DisplayText.shorten(firstSkipped.label, to: 40)
      printMessage(
        "swiftlet: warning: \(NumberText.grouped(skippedCount))"
          + " \(skippedCount == 1 ? "row" : "rows") without a known label left out of the counts"
          + " (the first is \(firstSkipped.place)"
          + (label.isEmpty ? ", which has no label)" : ", \"\(label)\")"))
    }
    for option in mapping.unused {
      printMessage(
        "swiftlet: note: --map-label \(DisplayText.shorten(option, to: 80)) was not used: no row has"
          + " this label")
    }
  }
}
