import Foundation
import SwiftletSafetensors
import Testing

@testable import SwiftletONNX

@Suite struct QuantizationTests {
  private func stored(_ shape: [Int], _ values: [Float]) throws -> StoredTensor {
    let bytes = try SafetensorsWriter.serialize([.init(name: "w", shape: shape, floats: values)])
    return try stored(bytes)
  }

  /// The tensor `w` of a file, which is mapped and deleted.
  private func stored(_ file: [UInt8]) throws -> StoredTensor {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(file).write(to: folder.appending(path: "model.safetensors"))
    return try #require(try SafetensorsCheckpoint(directory: folder.path).stored("w"))
  }

  private func bytes(_ payload: Payload) throws -> [UInt8] {
    let output = Output()
    try payload.emit(ByteSink { output.bytes += $0 })
    #expect(output.bytes.count == payload.byteCount)
    return output.bytes
  }

  private final class Output { var bytes: [UInt8] = [] }

  private func signed(_ payload: Payload) throws -> [Int8] {
    try bytes(payload).map { Int8(bitPattern: $0) }
  }

  @Test func `each output has its own scale, and halves round to even`() throws {
    let weight = try Int8Weight(
      quantizing: try stored([2, 4], [127, 0.5, 1.5, -2.5, 0, 1, -254, 3]))
    #expect(weight.scales == [1, 2])
    // [K, N]
    #expect(try signed(weight.payload) == [127, 0, 0, 0, 2, -127, -2, 2])
  }

  @Test func `a row without finite values has the scale NaN, a row of zeros 0`() throws {
    let weight = try Int8Weight(
      quantizing: try stored([4, 1], [.infinity, .nan, 0, 3e-37]))
    #expect(weight.scales[0].isNaN && weight.scales[1].isNaN)
    #expect(weight.scales[2] == 0 && weight.scales[3] == 0)
    #expect(try signed(weight.payload) == [0, 0, 0, 0])
  }

  @Test func `panels of the int8 format give the integers of their rows`() throws {
    // Two panels of 32 outputs, two steps of four inputs, of which the last has one.
    let (outputs, inputs, steps) = (40, 5, 2)
    var panels = [Int8](repeating: 0, count: 64 * steps * 4)
    for n in 0..<outputs {
      for k in 0..<inputs {
        panels[((n / 32 * steps + k / 4) * 32 + n % 32) * 4 + k % 4] = Int8(2 * n + k)
      }
    }
    let tensor = SafetensorsWriter.Tensor(
      name: "w", dataType: .i8, shape: [2, steps, 32, 4],
      bytes: panels.map { UInt8(bitPattern: $0) })
    let scales = try stored([64], (0..<64).map(Float.init))
    let weight = try Int8Weight(
      panels: try stored(try SafetensorsWriter.serialize([tensor])), scales: scales,
      inputs: inputs, outputs: 30..<36)
    #expect(weight.scales == [30, 31, 32, 33, 34, 35])
    let expected = (0..<inputs).flatMap { k in (30..<36).map { Int8(2 * $0 + k) } }
    #expect(try signed(weight.payload) == expected)
  }

  @Test func `word embeddings have a scale for each row, as bytes and as floats`() throws {
    let table = try Int8Table(quantizing: try stored([3, 2], [127, 0.5, 0, 0, -254, 3]))
    #expect(table.scales == [1, 0, 2])
    #expect(try signed(table.payload) == [127, 0, 0, 0, -127, 2])
    let floats = try bytes(table.floats).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    #expect(floats == [127, 0, 0, 0, -254, 4])
  }

  @Test func `a table has the bytes of quantize_dynamic`() throws {
    let table = try UInt8Table(quantizing: try stored([2, 3], [-1, 0, 4.1, 1, 0.02, -0.5]))
    #expect(table.scale == 0.02 && table.zeroPoint == 50)
    #expect(try bytes(table.payload) == [0, 50, 255, 100, 51, 25])
  }

  @Test func `a table of zeros stays zeros`() throws {
    let table = try UInt8Table(quantizing: try stored([1, 2], [0, 0]))
    #expect(table.scale == 1 && table.zeroPoint == 0)
    #expect(try bytes(table.payload) == [0, 0])
  }

  @Test(arguments: [Float.infinity, -.infinity, .nan])
  func `a table with a value that is not finite is refused`(value: Float) throws {
    let tensor = try stored([1, 2], [0, value])
    #expect(throws: ONNXExportError.self) { _ = try UInt8Table(quantizing: tensor) }
  }

  @Test func `a matrix is transposed across pieces`() throws {
    let (rows, columns) = (300, 1000)
    let values = (0..<rows * columns).map { Float($0) }
    let payload = try bytes(.transposed(try stored([rows, columns], values)))
    let floats = payload.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    #expect(
      floats.indices.allSatisfy { floats[$0] == values[$0 % rows * columns + $0 / rows] })
  }
}
