import type { Reason } from "./compare.ts";

/** Why names are not here. The first reason that lists a name is its own; then the first whose pattern fits. */
export const reasons: readonly Reason[] = [
  {
    why: 'A dtype is a string: `{ dtype: "float32" }`, `x.to("int32")`. int64 is int32 here, and other sizes are not there.',
    names: {
      torch: /^(u?int(8|16|32|64)|float(16|32|64)|bfloat16|short|half|iinfo|finfo|dtype|layout|memory_format)$/,
      "torch.Tensor": /^bfloat16$/,
    },
  },
  {
    why: "Complex numbers have no dtype here, as WebAssembly's and WebGPU's vectors have none.",
    names: {
      torch:
        /complex|^(c(double|float)|chalf|conj|conj_physical_?|resolve_conj|real|imag|angle|polar|isreal|is_conj|is_neg|resolve_neg|view_as_real|view_as_real_copy|adjoint|stft|istft)$/,
      "torch.Tensor":
        /complex|^(c(double|float)|chalf|conj|conj_physical_?|resolve_conj|real|imag|angle|isreal|is_conj|is_neg|resolve_neg|H|mH|adjoint|stft|istft)$/,
      "torch.fft": /./,
    },
  },
  {
    why: "Sparse tensors: what trains in a page is dense.",
    names: {
      torch:
        /sparse|^(c?col_indices_copy|crow_indices_copy|row_indices_copy|indices_copy|values_copy|dsmm|hsmm|hspmm|smm|spmm|saddmm|sspaddmm|strided)$/,
      "torch.Tensor":
        /sparse|^(c?col_indices|crow_indices|row_indices|indices|values|coalesce|is_coalesced|dense_dim|smm|sspaddmm|to_dense|layout)$/,
      "torch.optim": ["SparseAdam"],
    },
  },
  {
    why: "Quantized tensors and products of 8 bits.",
    names: {
      torch: /quant|^q_|^qu?int|^qscheme|^per_(channel|tensor)_|^fbgemm|^int_repr|^choose_qparams/,
      "torch.Tensor": /quant|^(q_|qscheme|int_repr)/,
      "torch.nn.functional": ["ScalingType", "SwizzleType", "grouped_mm", "scaled_grouped_mm", "scaled_mm"],
    },
  },
  {
    why: "Strides and storages: a tensor is a value here, and has neither.",
    names: {
      torch: /strided|format$|^channels_last|_copy$|^resize_as_|^get_file_path$/,
      "torch.Tensor":
        /strided|storage|^(stride|dim_order|is_contiguous|is_set_to|is_shared|share_memory_|set_|resize_|resize_as_|pin_memory|is_pinned|const_data_ptr|record_stream|data_ptr|narrow_copy|module_load)$/,
    },
  },
  {
    why: "A view changed in place: methods in place let a tensor stand for a result of its own shape.",
    names: { "torch.Tensor": ["squeeze_", "unsqueeze_", "t_", "transpose_", "swapaxes_", "swapdims_"] },
  },
  {
    why: "In place there is what is elementwise and a method. For the rest: `x.copy_(clip(x, 0, 1))`.",
    names: { torch: /_$/, "torch.Tensor": /_$/, "torch.nn.functional": /_$/ },
  },
  {
    why: "Named dims.",
    names: {
      torch: ["align_tensors"],
      "torch.Tensor": ["align_as", "align_to", "has_names", "name", "names", "refine_names", "rename"],
    },
  },
  {
    why: "Other devices' and other libraries' own.",
    names: {
      torch:
        /^(cudnn|miopen|mkldnn)_|^has_|^is_vulkan|^(Stream|Event|get_device_module|from_dlpack|to_dlpack|batch_norm_.*|init_num_threads)$|autocast_(gpu|cache|cpu)|^(clear_autocast_cache|autocast_\w+_nesting)$/,
      "torch.Tensor":
        /^(ipu|xpu|to_mkldnn|is_(cpu|cuda|ipu|meta|mkldnn|mps|ort|vulkan|xpu|nested|distributed|inference)|as_subclass|reinforce|volatile|output_nr|to_padded_tensor)$/,
      "torch.nn": ["DataParallel", "SyncBatchNorm"],
      "torch.nn.utils": /memory_format$/,
    },
  },
  {
    why: "Switches for what does not vary here: results are the same on every run, threads or none.",
    names: {
      torch:
        /deterministic|^(get|set)_float32_matmul_precision$|^set_flush_denormal$|interop_threads$|warn_always|^is_(anomaly_check_nan_enabled|inference|inference_mode_enabled|distributed|storage)$|^compiled_with/,
    },
  },
  {
    why: "The default dtype is float32; a tensor says its own.",
    names: {
      torch: [
        "get_default_dtype",
        "set_default_dtype",
        "set_default_tensor_type",
        "can_cast",
        "promote_types",
        "result_type",
      ],
    },
  },
  {
    why: "TorchScript, the profiler and other insides of PyTorch that its modules show.",
    names: {
      torch:
        /^[A-Z]|^(sym_|native_|norm_except_dim|import_ir|parse_|prepare_multi|merge_type|unify_type|vital|read_vitals|set_vital)|^(attr|obj|name|candidate|classproperty|typename|fork|wait|export|cond|vitals_enabled|conv_tbc|convolution|embedding_renorm_|nuclear_norm|segment_reduce|is_neg|affine_grid_generator|grid_sampler|grid_sampler_\dd|feature_dropout|max_pool1d_with_indices)$/,
      "torch.autograd":
        /^(DeviceType|NestedIOFunction|Profiler|SavedTensor|handle_torch|has_torch|is_tensor_like|kineto|variable|Variable)/,
      "torch.nn": ["factory_kwargs", "Container", "RNNBase", "RNNCellBase", "CrossMapLRN2d"],
      "torch.nn.functional":
        /^(BroadcastingList|GRID_SAMPLE|TYPE_CHECKING|assert_int|boolean_dispatch|handle_torch|has_torch|.*_notes$|multi_head_attention_forward|native_|conv_tbc|DType|.*_with_indices$)/,
      "torch.nn.init": ["Tensor"],
      "torch.nn.parameter": ["UninitializedTensorMixin"],
      "torch.nn.utils.rnn": ["PackedSequence_", "bind", "Tensor", "invert_permutation"],
      "torch.nn.utils.parametrizations": ["Tensor"],
      "torch.nn.attention": ["SDPBackend", "sdpa_kernel"],
      "torch.amp": ["is_autocast_available"],
      "torch.nn.utils.parametrize": ["Tensor", "transfer_parametrizations_and_params", "type_before_parametrizations"],
      "torch.optim.lr_scheduler": ["EPOCH_DEPRECATION_WARNING", "inf"],
      "torch.utils.checkpoint":
        /^(CheckpointFunction|check_backward_validity|detach_variable|(get|set)_device_states)$/,
      "torch.utils.data":
        /DataPipe|DataChunk|DataLoader2|datapipe|runtime_validation|argument_validation|non_deterministic/,
      "torch.utils.data.distributed": ["Dataset", "Sampler", "T_co"],
      "torch.testing": /types|^(FileCheck|get_all_device_types|make_non_contiguous|assert_allclose)$/,
      "torch.special": ["common_args", "multi_dim_common"],
      "torch.linalg": ["common_notes"],
    },
  },
  {
    why: "Layers that find their sizes at the first call: say the sizes.",
    names: {
      "torch.nn": /^(Lazy|Uninitialized)/,
      "torch.nn.parameter": /^(Uninitialized(Buffer|Parameter)|is_lazy)$/,
      "torch.nn.utils": ["skip_init"],
    },
  },
  {
    why: "Deprecated in PyTorch for parametrizations, which are here.",
    names: { "torch.nn.utils": ["remove_spectral_norm", "remove_weight_norm"] },
  },
  {
    why: "Deprecated in PyTorch for torch.linalg, which is here as `linalg`.",
    names: {
      torch: [
        "eig",
        "symeig",
        "lu",
        "lu_solve",
        "lu_unpack",
        "geqrf",
        "orgqr",
        "ormqr",
        "triangular_solve",
        "lobpcg",
        "svd_lowrank",
        "pca_lowrank",
        "cholesky_inverse",
        "cholesky_solve",
      ],
      "torch.Tensor": [
        "eig",
        "symeig",
        "lu",
        "lu_solve",
        "geqrf",
        "orgqr",
        "ormqr",
        "triangular_solve",
        "cholesky_inverse",
        "cholesky_solve",
      ],
    },
  },
  {
    why: "Eigenvalues of matrices that are not symmetric are complex numbers.",
    names: { "torch.linalg": ["eig", "eigvals"] },
  },
  {
    why: "Functions that PyTorch runs element by element in Python.",
    names: { "torch.Tensor": ["apply_", "map_", "map2_"] },
  },
  {
    why: "Not yet: bitwise operations and whole-number functions are no primitives so far.",
    names: {
      torch: /^bitwise_|^(gcd|lcm)$/,
      "torch.Tensor": /^bitwise_|^(gcd|lcm)$/,
    },
  },
  {
    why: "Not yet: special functions beyond those that losses and layers use.",
    names: {
      torch: /^(digamma|lgamma|erfinv|i0|igammac?|polygamma|mvlgamma|nextafter|frexp)$/,
      "torch.Tensor": /^(digamma|lgamma|erfinv|i0|igammac?|polygamma|mvlgamma|nextafter|frexp)$/,
      "torch.special": /./,
    },
  },
  {
    why: "Not yet: what a step does inside autocast is decided by the ops it calls.",
    names: {
      torch: ["is_autocast_enabled", "set_autocast_enabled"],
      "torch.amp": ["custom_bwd", "custom_fwd"],
      "torch.cuda.amp": ["custom_bwd", "custom_fwd"],
    },
  },
  {
    why: "Not yet: transforms of functions beyond gradients, `jvp`, `vjp`, `hvp`, `jacobian` and `hessian`.",
    names: {
      torch: ["vmap"],
      "torch.autograd.functional": ["vhp"],
      "torch.func": ["functional_call", "functionalize", "jacfwd", "linearize", "stack_module_state", "vmap"],
    },
  },
  {
    why: "Not yet: other factorizations, and functions of matrices.",
    names: {
      torch: ["matrix_exp"],
      "torch.Tensor": ["matrix_exp"],
      "torch.linalg":
        /^(householder_product|ldl_factor|ldl_factor_ex|ldl_solve|lu|lu_factor|lu_factor_ex|lu_solve|matrix_exp|tensorinv|tensorsolve)$/,
      "torch.nn.utils.parametrizations": ["orthogonal"],
    },
  },
  {
    why: "Not yet: windows of signals, histograms of several dims, numeric gradients.",
    names: {
      torch: /^(bartlett|blackman|hamming|hann|kaiser)_window$|^(gradient|histogram|histogramdd|unravel_index)$/,
      "torch.Tensor": ["histogram"],
    },
  },
  {
    why: "Not yet: layers that small and medium models seldom use.",
    names: {
      torch: ["embedding_bag"],
      "torch.nn":
        /^(AdaptiveLogSoftmaxWithLoss|EmbeddingBag|FractionalMaxPool\dd|LinearCrossEntropyLoss|LinearCrossEntropyOptions)$/,
      "torch.nn.functional": /^(embedding_bag|fractional_max_pool\dd|gated_delta_rule|linear_cross_entropy)$/,
      "torch.nn.utils": /^fuse_/,
      "torch.utils.checkpoint": ["checkpoint_sequential"],
    },
  },
  { why: "Not yet: distributions.", names: { "torch.distributions": /./, torch: ["binomial", "poisson"] } },
  { why: "Not yet: pruning.", names: { "torch.nn.utils.prune": /./ } },
];
