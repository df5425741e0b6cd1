using RealtimeSsl.Capture.Synthetic.Things;

namespace RealtimeSsl.Capture.Synthetic;

/// <summary>Something in an arranged scene.</summary>
/// <param name="Kind">One of <see cref="Scenes.Kinds"/>, or <c>fan</c> or <c>pendulum</c>, which are silent.</param>
/// <param name="Rhythm">Its rhythm: things of one kind and rhythm move and sound alike in every scene.</param>
/// <param name="X">Where, in fractions of the picture's height, from its left.</param>
/// <param name="Y">Where, in fractions of the picture's height, from its top.</param>
/// <param name="Sounds">Whether it is heard.</param>
public readonly record struct PlacedThing(string Kind, int Rhythm, double X, double Y, bool Sounds);

/// <summary>The scenes by name. All but <c>demo</c> are for judging: one thing sounds, or nothing in the picture does.</summary>
public static class Scenes
{
    private const double Forever = 1e9;

    /// <summary>The names, each with what there is to see and hear.</summary>
    public static IReadOnlyList<(string Name, string What)> All { get; } =
    [
        ("demo", "drum, face, bird and ball sound in turn and together; decoys, an off-screen knock and pauses in between; repeats every 32 s"),
        ("drum", "a drum sounds; face, ball, fan and pendulum move silently"),
        ("face", "a face speaks; another face, a drum and the rest move silently"),
        ("bird", "a bird chirps; the rest moves silently"),
        ("ball", "a ball thuds as it bounces; another bounces silently"),
        ("duet", "drum and face sound together"),
        ("silence", "everything moves, nothing sounds"),
        ("offscreen", "everything moves silently, a knock comes from off screen"),
    ];

    /// <summary>Makes a scene.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="seed">All rhythms and the grain follow from it.</param>
    /// <exception cref="ArgumentException">No such scene; the message lists them.</exception>
    public static Scene Make(string name, int seed = 1)
    {
        (double, double)[] always = [(0, Forever)];
        return name switch
        {
            "demo" => Demo(seed),
            "drum" => Build(name, seed, drum: always),
            "face" => Build(name, seed, face: always),
            "bird" => Build(name, seed, bird: always),
            "ball" => Build(name, seed, ball: always),
            "duet" => Build(name, seed, drum: always, face: always),
            "silence" => Build(name, seed),
            "offscreen" => Build(name, seed, offScreen: always),
            _ => throw new ArgumentException($"there is no synthetic scene '{name}'; there are {string.Join(", ", All.Select(s => s.Name))}"),
        };
    }

    /// <summary>What can sound in an arranged scene.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["ball", "bird", "drum", "face"];

    /// <summary>Arranges a scene of one's own: training data whose things are anywhere.</summary>
    /// <param name="seed">Of the grain.</param>
    /// <param name="things">What is in it.</param>
    /// <exception cref="ArgumentException">No such kind.</exception>
    public static Scene Arrange(int seed, IReadOnlyList<PlacedThing> things)
    {
        return new Scene("arranged", seed, [.. things.Select(Place)]);

        static Thing Place(PlacedThing t)
        {
            (double, double)[] sounds = t.Sounds ? [(0, Forever)] : [];
            Rhythm Beat(double shortest, double longest, double fill = 0.5) => new(t.Rhythm, shortest, longest, fill);
            return t.Kind switch
            {
                "ball" => new Ball(t.X, t.Y, Beat(0.28, 0.62)) { Sounds = sounds },
                "bird" => new Bird(t.X, t.Y, Beat(0.22, 0.6, 0.55)) { Sounds = sounds },
                "drum" => new Drum(t.X, t.Y, Beat(0.28, 0.75)) { Sounds = sounds },
                "face" => new Face(t.X, t.Y, Beat(0.18, 0.45, 0.7), pitch: 105 + 10 * (t.Rhythm % 5)) { Sounds = sounds },
                "fan" => new Fan(t.X, t.Y),
                "pendulum" => new Pendulum(t.X, t.Y),
                _ => throw new ArgumentException($"there is no thing '{t.Kind}'"),
            };
        }
    }

    private static Scene Demo(int seed) => Build(
        "demo",
        seed,
        drum: Repeat((0, 5), (20, 25)),
        face: Repeat((6, 11), (20, 25)),
        bird: Repeat((12, 16)),
        ball: Repeat((17, 20)),
        offScreen: Repeat((26.5, 30)));

    private static (double, double)[] Repeat(params (double From, double To)[] spans) =>
        [.. Enumerable.Range(0, 200).SelectMany(cycle => spans.Select(s => (s.From + 32.0 * cycle, s.To + 32.0 * cycle)))];

    private static Scene Build(
        string name,
        int seed,
        (double, double)[]? drum = null,
        (double, double)[]? face = null,
        (double, double)[]? bird = null,
        (double, double)[]? ball = null,
        (double, double)[]? offScreen = null)
    {
        var next = seed * 100;
        Rhythm Beat(double shortest, double longest, double fill = 0.5) => new(next++, shortest, longest, fill);
        return new Scene(
            name,
            seed,
            [
                new Pendulum(0.22, 0.06),
                new Fan(0.87, 0.18),
                new Bird(1.5, 0.3, Beat(0.22, 0.6, 0.55)) { Sounds = bird ?? [] },
                new Face(0.3, 0.55, Beat(0.18, 0.45, 0.7)) { Sounds = face ?? [] },
                new Face(0.72, 0.58, Beat(0.18, 0.45, 0.7), 190, "other face"),
                new Drum(1.08, 0.68, Beat(0.28, 0.75)) { Sounds = drum ?? [] },
                new Ball(1.45, 0.88, Beat(0.28, 0.62)) { Sounds = ball ?? [] },
                new Ball(1.66, 0.88, Beat(0.28, 0.62), blue: true),
                new OffScreen(Beat(0.25, 0.7)) { Sounds = offScreen ?? [] },
            ]);
    }
}
