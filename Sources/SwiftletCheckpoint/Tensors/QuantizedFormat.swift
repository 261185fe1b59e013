import SwiftletSafetensors

/// Checkpoints whose linear layers are stored as int8 in the order in which products read them: the same
/// bytes on every CPU. See `docs/quantized-format.md`.
package enum QuantizedFormat {
  package static let name = "swiftlet-int8"
  /// Raise it with every change that this reader would misunderstand.
  package static let version = "1"

  /// The keys of the file's metadata.
  package static let formatKey = "format"
  package static let versionKey = "format_version"

  /// Offsets of mapped arrays in the file are multiples of this.
  package static let alignment = 64

  /// Outputs in a panel.
  package static let panelWidth = 32

  /// Whether a checkpoint has this format.
  ///
  /// - Throws: `unknownFormat` for another version.
  static func isFormat(
    of checkpoint: any TensorSource, directory: String
  ) throws(CheckpointError) -> Bool {
    let metadata = checkpoint.metadata
    guard metadata[formatKey] == name else { return false }
    guard metadata[versionKey] == version else {
      throw .unknownFormat(path: directory, found: metadata[versionKey] ?? "none")
    }
    return true
  }

  /// A linear layer of the body; query, key and value are one.
  package struct Layer {
    package let inputs: Int
    package let outputs: Int
    /// I8 [outputs / 32, inputs / 4, 32, 4], both rounded up and padded with zeros.
    package let weight: String
    /// F32 [outputs, padded]
    package let scale: String
    /// I32 [outputs, padded]: -128 Σ weights
    package let start: String
    /// F32 [outputs]
    package let bias: String

    package init(_ linear: LinearName, of layer: Int, _ configuration: ModelConfiguration) {
      let architecture = configuration.architecture
      let size = linear.size(configuration)
      inputs = size.inputs
      outputs = size.outputs * architecture.parts(of: linear).count
      let name = architecture.layer(layer) + architecture.quantized(linear)
      weight = name + ".weight.int8"
      scale = name + ".weight.scale"
      start = name + ".weight.start"
      bias = name + ".bias"
    }

    package var names: [String] { [weight, scale, start, bias] }
    package var weightShape: [Int] {
      [paddedOutputs / panelWidth, (inputs + 3) / 4, panelWidth, 4]
    }
    package var paddedOutputs: Int { (outputs + panelWidth - 1) / panelWidth * panelWidth }
  }

  /// The layers of all transformer layers.
  package static func layers(_ configuration: ModelConfiguration) -> [Layer] {
    (0..<configuration.layerCount).flatMap { index in
      LinearName.allCases.map { Layer($0, of: index, configuration) }
    }
  }
}
