import Glibc
import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import Testing

@testable import SwiftletEncoder

struct GradientGoldenTests {
  @Test(arguments: GoldenTraining.all, Kernels.available.map(\.name))
  func `gradients of every parameter equal those of torch in float64`(
    golden: GoldenTraining, instructionSet: String
  ) throws {
    let loaded = try golden.load()
    let result = try Self.gradients(golden, loaded, instructionSet: instructionSet)
    for (found, expected) in zip(result.outputs, loaded.outputs) {
      #expect(abs(Double(found) - expected) < 1e-4)
    }
    #expect(result.outputs.count == loaded.outputs.count || loaded.contents.task == "mask")
    var seen = 0
    for (name, found) in result.gradients {
      guard let (stored, tensor) = loaded.tensor(name) else { continue }
      seen += 1
      guard tensor.norm > 0 else {
        #expect(Self.norm(found.map(Double.init)) < 1e-6, "\(name)")
        continue
      }
      let exact = try loaded.gradients.floats(stored)
      let difference = Self.norm(zip(found, exact).map { Double($0) - Double($1) })
      let limit = max(2e-5, 3 * (tensor.float32Error ?? 0))
      #expect(found.count == exact.count)
      #expect(difference / tensor.norm <= limit, "\(name)")
    }
    #expect(seen == loaded.gradients.tensors.count)
  }

  @Test(arguments: GoldenTraining.all, Kernels.available.map(\.name))
  func `embeddings that no text has, and that of padding, have gradients of exactly 0`(
    golden: GoldenTraining, instructionSet: String
  ) throws {
    let loaded = try golden.load()
    let result = try Self.gradients(golden, loaded, instructionSet: instructionSet)
    let gradients = Dictionary(uniqueKeysWithValues: result.gradients.map { ($0.name, $0.values) })
    let configuration = try ModelConfiguration(path: golden.directory + "/config.json")
    let sequences = loaded.contents.items.flatMap(\.sequences)
    let longest = sequences.map(\.ids.count).max() ?? 0
    var used = ["position_embeddings": Set(0..<longest)]
    // The decoder of a masked language model shares its weights with the words, and has a gradient for each.
    if loaded.contents.task != "mask" {
      used["word_embeddings"] = Set(sequences.flatMap(\.ids).map(Int.init))
        .subtracting([configuration.paddingID])
    }
    if configuration.typeVocabularySize > 0 {
      used["token_type_embeddings"] = Set(
        sequences.flatMap { $0.typeIDs ?? [0] }.map(Int.init))
    }
    for (table, rows) in used {
      let name = try #require(gradients.keys.first { $0.hasSuffix("embeddings.\(table).weight") })
      let values = try #require(gradients[name])
      let width = configuration.hiddenSize
      #expect(values.contains { $0 != 0 }, "\(name)")
      for row in 0..<values.count / width where !rows.contains(row) {
        #expect(
          values[row * width..<(row + 1) * width].allSatisfy { $0 == 0 }, "\(name), row \(row)")
      }
    }
  }

  @Test(arguments: GoldenTraining.all)
  func `gradients have the same bits on any number of threads, in passes, and recomputed`(
    golden: GoldenTraining
  ) throws {
    let loaded = try golden.load()
    let instructionSet = Kernels.available[0].name
    let one = try Self.gradients(golden, loaded, instructionSet: instructionSet)
    for threads in [2, 3] {
      let other = try Self.gradients(
        golden, loaded, instructionSet: instructionSet, threads: threads)
      #expect(other == one, "\(threads) threads")
    }
    let recomputed = try Self.gradients(
      golden, loaded, instructionSet: instructionSet, recomputes: true)
    #expect(recomputed == one, "recomputed")
    let divided = try Self.gradients(
      golden, loaded, instructionSet: instructionSet, threads: 2, itemsInPass: 1)
    #expect(divided == one, "one text in each pass")
  }

  struct Gradients: Equatable {
    var outputs: [Float] = []
    var gradients: [(name: String, values: [Float])] = []

    static func == (left: Gradients, right: Gradients) -> Bool {
      left.outputs.map(\.bitPattern) == right.outputs.map(\.bitPattern)
        && left.gradients.map(\.name) == right.gradients.map(\.name)
        && zip(left.gradients, right.gradients).allSatisfy {
          $0.values.map(\.bitPattern) == $1.values.map(\.bitPattern)
        }
    }
  }

  /// Runs the batch of a golden file, some items at a time.
  static func gradients(
    _ golden: GoldenTraining, _ loaded: GoldenTraining.Loaded, instructionSet: String,
    threads: Int = 1, itemsInPass: Int = .max, recomputes: Bool = false,
    precision: Precision = .float32
  ) throws -> Gradients {
    let contents = loaded.contents
    let model = try golden.model(
      task: contents.task, instructionSet: instructionSet, threads: threads,
      recomputes: recomputes, precision: precision)
    var result = Gradients()
    var sequenceCount = 0
    var firstRow = 0
    let guessed = contents.items.flatMap { $0.labels ?? [] }.filter { $0 != -100 }.count
    for first in stride(
      from: 0, to: contents.items.count, by: min(itemsInPass, contents.items.count))
    {
      let last = itemsInPass == .max ? contents.items.count : first + itemsInPass
      let items = contents.items[first..<min(last, contents.items.count)]
      var batch = TrainingBatch(sequences: PackedBatch(), numbers: [])
      var targets: [Int] = []
      for item in items {
        if contents.task == "mask" {
          for (token, label) in (item.labels ?? []).enumerated() where label != -100 {
            batch.guessedTokens.append(batch.sequences.tokenCount + token)
            targets.append(label)
          }
        }
        for sequence in item.sequences {
          batch.sequences.append(sequence)
          batch.numbers.append(item.number ?? sequenceCount)
          sequenceCount += 1
        }
      }
      let output = try model.forward(batch, dropoutKey: contents.dropout?.key)
      for row in 0..<output.rows {
        let row = UnsafeBufferPointer(start: output.row(row), count: output.columns)
        if contents.task != "mask" { result.outputs += row }
      }
      let g = model.outputGradient(rows: output.rows)
      for row in 0..<output.rows {
        let pointer = g.row(row)
        if contents.task == "mask" {
          let values = (0..<output.columns).map { Double(output.row(row)[$0]) }
          let largest = values.max() ?? 0
          let exponentials = values.map { exp($0 - largest) }
          let sum = exponentials.reduce(0, +)
          for column in 0..<output.columns {
            let probability = exponentials[column] / sum - (column == targets[row] ? 1 : 0)
            pointer[column] = Float(probability / Double(guessed))
          }
        } else {
          for column in 0..<output.columns {
            pointer[column] = Float(
              loaded.outputGradients[(firstRow + row) * output.columns + column])
          }
        }
      }
      firstRow += output.rows
      model.backward(g)
    }
    model.completeGradients()
    for tensor in model.tensors {
      for (index, parameter) in tensor.parameters.enumerated() {
        var values = [Float](repeating: 0, count: parameter.shape.reduce(1, *))
        values.withUnsafeMutableBufferPointer {
          if let target = $0.baseAddress {
            tensor.copy(index, from: tensor.gradients, into: target)
          }
        }
        result.gradients.append((parameter.savedName, values))
      }
    }
    return result
  }

  static func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

extension GoldenTraining.Loaded {
  /// The golden values of a parameter by its name in the checkpoint.
  func tensor(_ name: String) -> (name: String, GoldenTraining.Tensor)? {
    for prefix in ["", "bert.", "distilbert."] {
      if gradients.tensors.contains(where: { $0.name == prefix + name }),
        let tensor = contents.tensors[prefix + name]
      {
        return (prefix + name, tensor)
      }
    }
    return nil
  }
}
