import Foundation
import SwiftletCheckpoint
import SwiftletEncoder
import Testing

@testable import SwiftletTraining

/// A training by transformers' Trainer: `Fixtures/training/curves`.
struct GoldenCurve: Decodable {
  struct Settings: Decodable {
    let epochs: Double
    let batchSize: Int
    let learningRate: Double
    let schedule: String
    let warmup: Double
    let weightDecay: Double
    let clipping: Double
    let order: String
    let seed: UInt64
  }

  struct Item: Decodable {
    let ids: [Int32]
    let typeIDs: [Int32]?
    let label: Int32?
    let labels: [Int32]?
    let start: Int32?
    let end: Int32?
  }

  struct Step: Decodable {
    let loss: Double
    let gradientNorm: Double
    let learningRate: Double
  }

  struct Tensor: Decodable {
    let norm: Double
    /// Missing where the gradient is mathematically 0.
    let projections: [Double]?
  }

  let checkpoint: String?
  let newHead: [String]
  let settings: Settings
  let items: [Item]
  let steps: [Step]
  let tensors: [String: Tensor]

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/training")

  init(_ name: String) throws {
    let file = Self.folder.appending(path: "curves/\(name).json")
    self = try JSONDecoder().decode(GoldenCurve.self, from: Data(contentsOf: file))
  }

  /// The items as examples in memory.
  func data(_ task: TrainingTask, labels: [String]) -> EncodedDataset {
    var rows = EncodedRows(file: nil)
    for (index, item) in items.enumerated() {
      rows.append(TokenSequence(ids: item.ids, typeIDs: item.typeIDs))
      if let label = item.label { rows.classes.append(label) }
      for label in item.labels ?? [] { rows.classes.append(label) }
      if let start = item.start, let end = item.end {
        rows.classes.append(start)
        rows.classEnds.append(UInt32(end))
        // The texts are for metrics, which a curve does not compute.
        rows.questionNumbers.append(UInt32(rows.questions.count))
        rows.questions.append("", context: "", hash: TextHash(of: ["\(index)"]), answers: [""])
      }
      rows.finishExample(line: index + 1, hash: TextHash(of: ["\(index)"]), isGroup: false)
    }
    return EncodedDataset(task: task, labels: labels, rows: rows)
  }

  var options: TrainingOptions {
    get throws {
      var options = TrainingOptions()
      options.epochs = settings.epochs
      options.batchSize = settings.batchSize
      options.learningRate = settings.learningRate
      options.schedule = try LearningRateSchedule(named: settings.schedule)
      options.warmup = settings.warmup
      options.weightDecay = settings.weightDecay
      options.gradientClipping = settings.clipping
      options.seed = settings.seed
      return options
    }
  }

  /// The golden tensor of a parameter by its name in the checkpoint.
  func tensor(_ name: String) -> Tensor? {
    ["", "bert.", "distilbert."].compactMap { tensors[$0 + name] }.first
  }

  /// Four sums of a change with pseudo-random signs; see the README of the fixtures.
  static func projections(_ change: [Double]) -> [Double] {
    var sums = [0.0, 0.0, 0.0, 0.0]
    for (index, value) in change.enumerated() {
      var hash = UInt32(truncatingIfNeeded: index) &* 0x9E37_79B1
      hash = (hash ^ (hash >> 15)) &* 0x85EB_CA77
      hash ^= hash >> 13
      for bit in 0..<4 { sums[bit] += hash >> UInt32(bit) & 1 == 1 ? -value : value }
    }
    return sums
  }
}
