import Foundation
import Testing

/// The labelled sentences of SST-2 dev, whose texts may not be passed on with this repository.
enum SST2 {
  private static let file = PipelineGolden.root.appending(path: "../shared/data/sst2/dev.tsv")
  static let isPresent = FileManager.default.fileExists(atPath: file.path)
  static let missing: Comment = "../shared/data/sst2/dev.tsv is not there"

  /// A sentence, with 1 as the label of a positive one.
  struct Row {
    let label: Int
    let text: String
  }

  static func rows() throws -> [Row] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: "\t", maxSplits: 1)
      try #require(fields.count == 2)
      return Row(label: fields[0] == "1" ? 1 : 0, text: String(fields[1]))
    }
  }
}
