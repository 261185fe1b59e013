/// The tokenizer class of transformers, which determines what is read from the files.
enum TokenizerClass: Equatable {
  /// BERT's class: only the vocabulary and the added tokens of a `tokenizer.json`; the settings
  /// files determine the rest.
  case bert(usesTypeIDs: Bool)
  /// All of `tokenizer.json`; the model gets no token types.
  case file

  /// Finds the class with a name; `bert` for nil, `file` for a class that transformers does not
  /// know.
  ///
  /// - Throws: ``TokenizerError/unsupported(path:part:found:supported:)`` for a class with another
  ///   algorithm; `path` is the file that names it.
  init(named name: String?, path: String) throws(TokenizerError) {
    guard let name else {
      self = .bert(usesTypeIDs: true)
      return
    }
    let stem = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
    switch stem {
    // All are aliases of BERT's class.
    case "BertTokenizer", "ElectraTokenizer", "LayoutLMTokenizer", "LxmertTokenizer",
      "MobileBertTokenizer", "SqueezeBertTokenizer":
      self = .bert(usesTypeIDs: true)
    case "DistilBertTokenizer": self = .bert(usesTypeIDs: false)
    default:
      guard !Self.others.split(whereSeparator: \.isWhitespace).contains(Substring(stem)) else {
        throw Self.unsupported(name, path: path)
      }
      self = .file
    }
  }

  static func unsupported(_ name: String, path: String) -> TokenizerError {
    .unsupported(
      path: path, part: "tokenizer class", found: name.isEmpty ? "\"\"" : name,
      supported: "BertTokenizer, DistilBertTokenizer, and with a tokenizer.json "
        + "PreTrainedTokenizerFast and classes unknown to transformers")
  }

  /// The other classes of transformers 5.24, without the suffix `Fast`.
  private static let others = """
    AlbertTokenizer AutoTokenizer BartTokenizer BarthezTokenizer BartphoTokenizer BasicTokenizer
    BertGenerationTokenizer BertJapaneseTokenizer BertTokenizerLegacy BertweetTokenizer
    BigBirdTokenizer BioGptTokenizer BlenderbotSmallTokenizer BlenderbotTokenizer ByT5Tokenizer
    CLIPTokenizer CTRLTokenizer CamembertTokenizer CanineTokenizer CharacterTokenizer
    ClvpTokenizer CodeGenTokenizer CodeLlamaTokenizer CohereTokenizer ConvBertTokenizer
    CpmAntTokenizer CpmTokenizer DPRContextEncoderTokenizer DPRQuestionEncoderTokenizer
    DPRReaderTokenizer DebertaTokenizer DebertaV2Tokenizer DiaTokenizer EsmTokenizer
    EsmcTokenizer FNetTokenizer FSMTTokenizer FastSpeech2ConformerTokenizer FlaubertTokenizer
    FunnelTokenizer GPT2Tokenizer GPTNeoXJapaneseTokenizer GPTNeoXTokenizer GPTSw3Tokenizer
    GemmaTokenizer HerbertTokenizer LEDTokenizer LasrTokenizer LayoutLMv2Tokenizer
    LayoutLMv3Tokenizer LayoutXLMTokenizer LlamaTokenizer LongformerTokenizer LukeTokenizer
    M2M100Tokenizer MBart50Tokenizer MBartTokenizer MLukeTokenizer MPNetTokenizer
    MarianTokenizer MarkupLMTokenizer MecabTokenizer MgpstrTokenizer MvpTokenizer MyT5Tokenizer
    NllbTokenizer NougatTokenizer OpenAIGPTTokenizer PLBartTokenizer ParakeetTokenizer
    PegasusTokenizer PerceiverTokenizer Phi3Tokenizer PhobertTokenizer Pop2PianoTokenizer
    PreTrainedTokenizerBase ProphetNetTokenizer Qwen2Tokenizer Qwen3_5Tokenizer RagTokenizer
    ReformerTokenizer RemBertTokenizer RoCBertTokenizer RoFormerTokenizer RobertaTokenizer
    SeamlessM4TTokenizer SentencePieceBackend Siglip2Tokenizer SiglipTokenizer
    Speech2TextTokenizer SpeechT5Tokenizer SplinterTokenizer T5Tokenizer TapasTokenizer
    Tipsv2Tokenizer UdopTokenizer VideoPrismTokenizer VitsTokenizer Wav2Vec2CTCTokenizer
    Wav2Vec2PhonemeCTCTokenizer WhisperTokenizer WordpieceTokenizer XGLMTokenizer
    XLMRobertaTokenizer XLMTokenizer XLNetTokenizer
    """
}
