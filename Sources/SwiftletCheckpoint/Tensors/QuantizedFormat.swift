/// Checkpoints whose linear layers, and from version 2 on word embeddings, are stored as int8: the same
/// bytes on every CPU. See `docs/quantized-format.md`.
package enum QuantizedFormat {
  package static let name = "swiftlet-int8"

  /// The versions that this reader knows; a change that it would misunderstand needs another one.
  package enum Version: String, Sendable, CaseIterable {
    /// Word embeddings are float32.
    case one = "1"
    /// Word embeddings are a ``QuantizedTable``, and other floats keep their types.
    case two = "2"
  }

  /// The version that is written.
  package static let version = Version.two

  /// The keys of the file's metadata.
  package static let formatKey = "format"
  package static let versionKey = "format_version"

  /// Offsets of mapped arrays in the file are multiples of this.
  package static let alignment = 64

  /// Outputs in a panel.
  package static let panelWidth = 32

  /// The version of a checkpoint in this format; nil for another format.
  ///
  /// - Throws: `unknownFormat` for a version that is not in ``Version``.
  package static func version(
    of checkpoint: any TensorSource, directory: String
  ) throws(CheckpointError) -> Version? {
    let metadata = checkpoint.metadata
    guard metadata[formatKey] == name else { return nil }
    guard let version = metadata[versionKey].flatMap(Version.init) else {
      throw .unknownFormat(path: directory, found: metadata[versionKey] ?? "none")
    }
    return version
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

  /// The names of the tensors that hold a table: I8 [rows, columns] and F32 [rows].
  package struct Table {
    package let values: String
    package let scale: String

    /// `parameter` is the table's name in a float checkpoint.
    package init(_ parameter: String) {
      values = parameter + ".int8"
      scale = parameter + ".scale"
    }

    package var names: [String] { [values, scale] }

    /// The table of the word embeddings.
    package static let words = Table(Architecture.wordEmbeddings + ".weight")
  }
}
