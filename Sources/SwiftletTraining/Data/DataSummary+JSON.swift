package import SwiftletJSON

extension DataSummary {
  /// The event that describes the data, before the plan.
  package var json: JSONValue {
    .object([
      ("event", .string("data")), ("files", .array(files.map(Self.json))),
      ("task", .string(task.task.rawValue)),
      ("format", format.map { .string($0.format.rawValue) } ?? .null),
      ("training_rows", .int(trainingCount)), ("validation_rows", .int(validationCount)),
      ("duplicates", .int(duplicates)), ("conflicts", .int(conflicts)), ("overlap", .int(overlap)),
      ("skipped", .array(skipped.map(Self.json))), ("labels", .array(labelObjects)),
      ("max_length", .int(maxLength)), ("longest", .int(tokens.longest)),
      ("cut_text_share", .double(tokens.cutSequenceShare)),
      ("cut_token_share", .double(tokens.cutTokenShare)),
      ("warnings", .array(warnings.map(JSONValue.string))),
    ])
  }

  private static func json(_ file: DataFile) -> JSONValue {
    .object([("path", .string(file.path)), ("sha256", .string(file.sha256))])
  }

  private static func json(_ rows: SkippedRows) -> JSONValue {
    .object([
      ("count", .int(rows.count)), ("reason", .string(rows.reason)), ("first", .string(rows.first)),
    ])
  }

  private var labelObjects: [JSONValue] {
    let counts = labelCounts?.counts ?? []
    let validation = validationLabelCounts?.counts ?? []
    return labels.enumerated().map { index, name in
      .object([
        ("label", .string(name)),
        ("training_rows", index < counts.count ? .int(counts[index]) : .null),
        ("validation_rows", index < validation.count ? .int(validation[index]) : .null),
      ])
    }
  }
}
