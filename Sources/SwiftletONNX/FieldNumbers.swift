/// The field numbers of `onnx.proto` (proto2, package `onnx`), which ONNX never changes.
///
/// One enumeration for each message, one number for each field, with the names of that file.
enum FieldNumbers {
  enum Model {
    static let irVersion = 1
    static let producerName = 2
    static let producerVersion = 3
    static let domain = 4
    static let modelVersion = 5
    static let docString = 6
    static let graph = 7
    static let opsetImport = 8
    static let metadataProps = 14
    static let functions = 25
  }

  enum OperatorSetID {
    static let domain = 1
    static let version = 2
  }

  enum Graph {
    static let node = 1
    static let name = 2
    static let initializer = 5
    static let docString = 10
    static let input = 11
    static let output = 12
    static let valueInfo = 13
    static let quantizationAnnotation = 14
    static let sparseInitializer = 15
    static let metadataProps = 16
  }

  enum Node {
    static let input = 1
    static let output = 2
    static let name = 3
    static let opType = 4
    static let attribute = 5
    static let docString = 6
    static let domain = 7
    static let overload = 8
  }

  enum Attribute {
    static let name = 1
    static let float = 2
    static let int = 3
    static let string = 4
    static let tensor = 5
    static let graph = 6
    static let floats = 7
    static let ints = 8
    static let strings = 9
    static let type = 20
    static let refAttrName = 21
  }

  enum Tensor {
    static let dims = 1
    static let dataType = 2
    static let floatData = 4
    static let int32Data = 5
    static let stringData = 6
    static let int64Data = 7
    static let name = 8
    static let rawData = 9
    static let doubleData = 10
    static let uint64Data = 11
    static let docString = 12
    static let externalData = 13
    static let dataLocation = 14
  }

  enum ValueInfo {
    static let name = 1
    static let type = 2
  }

  enum ValueType {
    static let tensorType = 1
  }

  enum TensorType {
    static let elementType = 1
    static let shape = 2
  }

  enum TensorShape {
    static let dim = 1
  }

  enum Dimension {
    static let value = 1
    static let parameter = 2
  }

  enum StringStringEntry {
    static let key = 1
    static let value = 2
  }
}
