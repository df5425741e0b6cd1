namespace TorchSharp.Utils;

/// <summary>The name under which a module registers what a field holds, where it is not the field's.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class ComponentNameAttribute : Attribute
{
    public string? Name { get; set; }
}
