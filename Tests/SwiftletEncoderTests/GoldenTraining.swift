import Foundation
import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import Testing

@testable import SwiftletEncoder

/// A checkpoint of `Fixtures/training/gradients` with a batch and the gradients that torch computes in
/// float64.
struct GoldenTraining: CustomTestStringConvertible, Sendable {
  let folder: String
  let batch: String

  var testDescription: String { "\(folder) \(batch)" }

  private static let directory = GoldenCheckpoint.folder.deletingLastPathComponent()
    .appending(path: "training/gradients").path

  static let all: [GoldenTraining] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.sorted().filter { !$0.contains("safetensors") }
      .flatMap { folder in
        let files =
          (try? FileManager.default.contentsOfDirectory(atPath: directory + "/" + folder)) ?? []
        return files.sorted().filter { $0.hasSuffix(".gradients.safetensors") }.map {
          GoldenTraining(
            folder: folder, batch: String($0.dropLast(".gradients.safetensors".count)))
        }
      }
  }()

  var directory: String { Self.directory + "/" + folder }

  struct Item: Decodable {
    struct Sequence: Decodable {
      let ids: [Int32]
      let typeIDs: [Int32]?
    }

    let ids: [Int32]?
    let typeIDs: [Int32]?
    let choices: [Sequence]?
    let labels: [Int]?
    /// Of the dropout masks.
    let number: Int?

    var sequences: [TokenSequence] {
      (choices ?? [Sequence(ids: ids ?? [], typeIDs: typeIDs)]).map {
        TokenSequence(ids: $0.ids, typeIDs: $0.typeIDs)
      }
    }
  }

  struct Tensor: Decodable {
    let norm: Double
    let float32Error: Double?
  }

  struct DropoutKey: Decodable { let key: UInt32 }

  struct Contents: Decodable {
    let task: String
    let dropout: DropoutKey?
    let loss: Double
    let items: [Item]
    let tensors: [String: Tensor]
  }

  struct Loaded {
    let contents: Contents
    /// In the order of the rows; empty for masked language models.
    let outputs: [Double]
    let outputGradients: [Double]
    let gradients: SafetensorsFile
  }

  func load() throws -> Loaded {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(batch).json"))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    return Loaded(
      contents: try JSONDecoder().decode(Contents.self, from: data),
      outputs: Self.numbers(object["outputs"]),
      outputGradients: Self.numbers(object["outputGradients"]),
      gradients: try SafetensorsFile(path: "\(directory)/\(batch).gradients.safetensors"))
  }

  /// All numbers of nested arrays in their order.
  private static func numbers(_ value: Any?) -> [Double] {
    if let number = value as? Double { return [number] }
    return (value as? [Any] ?? []).flatMap(numbers)
  }
}

/// A model of any head, for tests.
protocol AnyTrainable {
  var tensors: [TrainedTensor] { get }
  var outputWidth: Int { get }
  func forward(_ batch: TrainingBatch, dropoutKey: UInt32?) throws -> Matrix<Float>
  func backward(_ g: Matrix<Float>)
  func completeGradients()
  func outputGradient(rows: Int) -> Matrix<Float>
}

extension TrainableModel: AnyTrainable {
  var outputWidth: Int { head.outputWidth }

  /// With the rates of the configuration if there is a key.
  func forward(_ batch: TrainingBatch, dropoutKey: UInt32?) throws -> Matrix<Float> {
    try forward(
      batch, dropout: dropoutKey.map { _ in configuration.dropout }, key: dropoutKey ?? 0)
  }

  func backward(_ g: Matrix<Float>) { backward(g, addingToRows: nil) }
}

extension GoldenTraining {
  func model(
    task: String, instructionSet: String, threads: Int, recomputes: Bool = false,
    precision: Precision = .float32
  ) throws -> any AnyTrainable {
    let configuration = try ModelConfiguration(path: directory + "/config.json")
    let checkpoint = try CheckpointReader(directory: directory, loading: .mapped)
    let options = TrainableModelOptions(
      setup: TrainingSetup { parameter, _ in
        Issue.record("\(parameter.name) is in the checkpoint")
      }, pool: WorkerPool(threadCount: threads), recomputes: recomputes,
      precision: precision, instructionSet: instructionSet)
    switch task {
    case "tokens":
      return try TrainableModel<TokenHead>(
        .tokenClassification, configuration, checkpoint, options)
    case "questions":
      return try TrainableModel<TokenHead>(.questionAnswering, configuration, checkpoint, options)
    case "mask":
      return try TrainableModel<MaskedLanguageHead>(
        maskID: 4, configuration, checkpoint, options)
    case "choice":
      return try TrainableModel<SequenceClassificationHead>(
        .multipleChoice, configuration, checkpoint, options)
    case "embedding":
      return try TrainableModel<SentenceHead>(
        poolings: [.mean], dense: nil, normalizes: true, configuration, checkpoint, options)
    default:
      return try TrainableModel<SequenceClassificationHead>(
        .sequenceClassification, configuration, checkpoint, options)
    }
  }
}
