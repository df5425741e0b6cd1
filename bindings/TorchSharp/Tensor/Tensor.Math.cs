using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    public partial class Tensor
    {
        /// <summary>Runs an operator that writes into this tensor.</summary>
        private Tensor Do(string op, params ReadOnlySpan<Arg> args)
        {
            Op.Do(op, args);
            return this;
        }

        public Tensor abs() => Op.Call("abs", this);
        public Tensor abs_() => Do("abs_", this);
        public Tensor neg() => Op.Call("neg", this);
        public Tensor neg_() => Do("neg_", this);
        public Tensor negative() => neg();
        public Tensor reciprocal() => Op.Call("reciprocal", this);
        public Tensor reciprocal_() => Do("reciprocal_", this);
        public Tensor exp() => Op.Call("exp", this);
        public Tensor exp_() => Do("exp_", this);
        public Tensor expm1() => Op.Call("expm1", this);
        public Tensor log() => Op.Call("log", this);
        public Tensor log_() => Do("log_", this);
        public Tensor log1p() => Op.Call("log1p", this);
        public Tensor log2() => Op.Call("log2", this);
        public Tensor log10() => Op.Call("log10", this);
        public Tensor sqrt() => Op.Call("sqrt", this);
        public Tensor sqrt_() => Do("sqrt_", this);
        public Tensor rsqrt() => Op.Call("rsqrt", this);
        public Tensor square() => Op.Call("square", this);
        public Tensor sign() => Op.Call("sign", this);
        public Tensor floor() => Op.Call("floor", this);
        public Tensor ceil() => Op.Call("ceil", this);
        public Tensor trunc() => Op.Call("trunc", this);
        public Tensor round(long decimals = 0L) => Op.Call("round.decimals", this, decimals);
        public Tensor sin() => Op.Call("sin", this);
        public Tensor cos() => Op.Call("cos", this);
        public Tensor atan2(Tensor other) => Op.Call("atan2", this, other);
        public Tensor tanh() => Op.Call("tanh", this);
        public Tensor tanh_() => Do("tanh_", this);
        public Tensor sigmoid() => Op.Call("sigmoid", this);
        public Tensor sigmoid_() => Do("sigmoid_", this);
        public Tensor erf() => Op.Call("erf", this);
        public Tensor erfinv() => Op.Call("erfinv", this);

        public Tensor relu() => Op.Call("relu", this);
        public Tensor relu_() => Do("relu_", this);
        public Tensor relu6() => Op.Call("relu6", this);
        public Tensor relu6_() => Do("relu6_", this);
        public Tensor gelu() => Op.Call("gelu", this);
        public Tensor gelu(Modules.GELU.Approximate approximate) => Op.Call("gelu", this, approximate.ToString());
        public Tensor gelu_() => Do("gelu_", this);
        public Tensor gelu_(Modules.GELU.Approximate approximate) => Do("gelu_", this, approximate.ToString());
        public Tensor hardswish() => Op.Call("hardswish", this);
        public Tensor hardswish_() => Do("hardswish_", this);
        public Tensor hardtanh(Scalar min, Scalar max) => Op.Call("hardtanh", this, min, max);
        public Tensor hardsigmoid() => Op.Call("hardsigmoid", this);
        public Tensor hardsigmoid_() => Do("hardsigmoid_", this);
        public Tensor leaky_relu(Scalar negative_slope) => Op.Call("leaky_relu", this, negative_slope);
        public Tensor leaky_relu_(Scalar negative_slope) => Do("leaky_relu_", this, negative_slope);
        public Tensor silu() => Op.Call("silu", this);
        public Tensor silu_() => Do("silu_", this);
        public Tensor softplus(double beta = 1, double threshold = 20) => Op.Call("softplus", this, beta, threshold);
        public Tensor softmax(long dim, ScalarType? dtype = null) => Op.Call("softmax.int", this, dim, dtype);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Op.Call("log_softmax.int", this, dim, dtype);

        public Tensor add(Tensor target) => Op.Call("add.Tensor", this, target);
        public Tensor add(Tensor target, Scalar alpha) => Op.Call("add.Tensor", this, target, alpha);
        public Tensor add(Scalar scalar) => Op.Call("add.Scalar", this, scalar);
        public Tensor add(Scalar scalar, Scalar alpha) => Op.Call("add.Scalar", this, scalar, alpha);
        public Tensor add_(Tensor target) => Do("add_.Tensor", this, target);
        public Tensor add_(Tensor target, Scalar alpha) => Do("add_.Tensor", this, target, alpha);
        public Tensor add_(Scalar scalar) => Do("add_.Scalar", this, scalar);
        public Tensor add_(Scalar scalar, Scalar alpha) => Do("add_.Scalar", this, scalar, alpha);
        public Tensor sub(Tensor target) => Op.Call("sub.Tensor", this, target);
        public Tensor sub(Scalar target) => Op.Call("sub.Scalar", this, target);
        public Tensor sub_(Tensor target) => Do("sub_.Tensor", this, target);
        public Tensor sub_(Scalar target) => Do("sub_.Scalar", this, target);
        public Tensor mul(Tensor target) => Op.Call("mul.Tensor", this, target);
        public Tensor mul(Scalar target) => Op.Call("mul.Scalar", this, target);
        public Tensor mul_(Tensor target) => Do("mul_.Tensor", this, target);
        public Tensor mul_(Scalar target) => Do("mul_.Scalar", this, target);
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Op.Call("div.Tensor_mode", this, target, Rounding(rounding_mode));
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Op.Call("div.Scalar_mode", this, target, Rounding(rounding_mode));
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Do("div_.Tensor_mode", this, target, Rounding(rounding_mode));
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Do("div_.Scalar_mode", this, target, Rounding(rounding_mode));
        public Tensor floor_divide(Tensor other) => Op.Call("floor_divide", this, other);
        public Tensor floor_divide(Scalar other) => Op.Call("floor_divide.Scalar", this, other);
        public Tensor fmod(Tensor target) => Op.Call("fmod.Tensor", this, target);
        public Tensor fmod(Scalar scalar) => Op.Call("fmod.Scalar", this, scalar);
        public Tensor remainder(Tensor target) => Op.Call("remainder.Tensor", this, target);
        public Tensor remainder(Scalar scalar) => Op.Call("remainder.Scalar", this, scalar);
        public Tensor pow(Tensor exponent) => Op.Call("pow.Tensor_Tensor", this, exponent);
        public Tensor pow(Scalar exponent) => Op.Call("pow.Tensor_Scalar", this, exponent);
        public Tensor pow_(Tensor exponent) => Do("pow_.Tensor", this, exponent);
        public Tensor pow_(Scalar exponent) => Do("pow_.Scalar", this, exponent);
        public Tensor xlogy(Tensor y) => Op.Call("xlogy.Tensor", this, y);
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Op.Call("addcmul", this, tensor1, tensor2, value);
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Do("addcmul_", this, tensor1, tensor2, value);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Op.Call("addcdiv", this, tensor1, tensor2, value);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Op.Call("addcdiv", this, tensor1, tensor2);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Do("addcdiv_", this, tensor1, tensor2, value);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Do("addcdiv_", this, tensor1, tensor2);
        public Tensor lerp(Tensor end, Tensor weight) => Op.Call("lerp.Tensor", this, end, weight);
        public Tensor lerp_(Tensor end, Tensor weight) => Do("lerp_.Tensor", this, end, weight);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Op.Call("clamp", this, min, max);
        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Op.Call("clamp.Tensor", this, min, max);
        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Do("clamp_", this, min, max);
        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Do("clamp_.Tensor", this, min, max);
        public Tensor clamp_min(Scalar min) => Op.Call("clamp_min", this, min);
        public Tensor clamp_max(Scalar max) => Op.Call("clamp_max", this, max);
        public Tensor maximum(Tensor other) => Op.Call("maximum", this, other);
        public Tensor minimum(Tensor other) => Op.Call("minimum", this, other);

        public Tensor eq(Tensor target) => Op.Call("eq.Tensor", this, target);
        public Tensor eq(Scalar target) => Op.Call("eq.Scalar", this, target);
        public Tensor ne(Tensor target) => Op.Call("ne.Tensor", this, target);
        public Tensor ne(Scalar target) => Op.Call("ne.Scalar", this, target);
        public Tensor lt(Tensor target) => Op.Call("lt.Tensor", this, target);
        public Tensor lt(Scalar target) => Op.Call("lt.Scalar", this, target);
        public Tensor le(Tensor target) => Op.Call("le.Tensor", this, target);
        public Tensor le(Scalar target) => Op.Call("le.Scalar", this, target);
        public Tensor gt(Tensor target) => Op.Call("gt.Tensor", this, target);
        public Tensor gt(Scalar target) => Op.Call("gt.Scalar", this, target);
        public Tensor ge(Tensor target) => Op.Call("ge.Tensor", this, target);
        public Tensor ge(Scalar target) => Op.Call("ge.Scalar", this, target);
        public Tensor isnan() => Op.Call("isnan", this);
        public Tensor isinf() => Op.Call("isinf", this);
        public Tensor isfinite() => Op.Call("isfinite", this);
        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) => Op.Call("isclose", this, other, rtol, atol, nanEqual);
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) => Op.Flag("allclose", this, target, rtol, atol, equal_nan);
        public Tensor logical_not() => Op.Call("logical_not", this);
        public Tensor logical_and(Tensor other) => Op.Call("logical_and", this, other);
        public Tensor logical_or(Tensor other) => Op.Call("logical_or", this, other);
        public Tensor bitwise_not() => Op.Call("bitwise_not", this);
        public Tensor bitwise_and(Tensor other) => Op.Call("bitwise_and.Tensor", this, other);
        public Tensor bitwise_or(Tensor other) => Op.Call("bitwise_or.Tensor", this, other);
        public Tensor bitwise_xor(Tensor other) => Op.Call("bitwise_xor.Tensor", this, other);
        public Tensor where(Tensor condition, Tensor y) => Op.Call("where.self", condition, this, y);

        public Tensor matmul(Tensor target) => Op.Call("matmul", this, target);
        public Tensor mm(Tensor target) => Op.Call("mm", this, target);
        public Tensor bmm(Tensor batch2) => Op.Call("bmm", this, batch2);
        public Tensor mv(Tensor target) => Op.Call("mv", this, target);
        public Tensor dot(Tensor target) => Op.Call("dot", this, target);
        public Tensor outer(Tensor vec2) => Op.Call("outer", this, vec2);
        public Tensor inverse() => Op.Call("linalg_inv", this);

        public Tensor fill_(Scalar value) => Do("fill_.Scalar", this, value);
        public Tensor zero_() => Do("zero_", this);
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Do("copy_", this, source, nonBlocking);
        public Tensor masked_fill(Tensor mask, Scalar value) => Op.Call("masked_fill.Scalar", this, mask, value);
        public Tensor masked_fill_(Tensor mask, Scalar value) => Do("masked_fill_.Scalar", this, mask, value);

        public Tensor uniform_(double from, double to, Generator? generator = null) => Do("uniform_", this, from, to, generator);
        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) => Do("normal_", this, mean, std, generator);
        public Tensor exponential_(double lambda = 1.0, Generator? generator = null) => Do("exponential_", this, lambda, generator);
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Do("bernoulli_.float", this, p, generator);
        public Tensor bernoulli_(Tensor p, Generator? generator = null) => Do("bernoulli_.Tensor", this, p, generator);
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) => Op.Call("multinomial", this, num_samples, replacement, generator);

        private static string? Rounding(RoundingMode mode) => mode == RoundingMode.None ? null : mode.ToString();
    }
}
