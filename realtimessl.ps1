#!/usr/bin/env pwsh
# realtimessl.ps1 VERB [options]: builds what is missing, then runs the verb. Windows: the real packages from NuGet; elsewhere see ./realtimessl.
$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
$flavour = if ($env:BINDINGS) { $env:BINDINGS } elseif ($IsLinux -or $IsMacOS) { 'system' } else { 'nuget' }
if ($flavour -eq 'system') {
    & "$root/realtimessl" @args
    exit $LASTEXITCODE
}

if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
    Write-Error 'The .NET 10 SDK is missing: winget install Microsoft.DotNet.SDK.10'
}
if (-not (Get-Command ffmpeg -ErrorAction SilentlyContinue)) {
    if (-not (Get-Command winget -ErrorAction SilentlyContinue)) {
        Write-Error 'ffmpeg is missing: install it and put it on the PATH'
    }
    Write-Host 'Installing ffmpeg, once: it decodes and encodes files and streams'
    winget install --exact --id Gyan.FFmpeg --accept-source-agreements --accept-package-agreements
}

$app = Join-Path $root "artifacts/$flavour/bin/RealtimeSsl.Cli/release/realtimessl.dll"
$stamp = Join-Path $root "artifacts/$flavour/built-cli"
$newest = Get-ChildItem "$root/src", "$root/Directory.*" -Recurse | Sort-Object LastWriteTimeUtc | Select-Object -Last 1
if (-not (Test-Path $stamp) -or $newest.LastWriteTimeUtc -gt (Get-Item $stamp).LastWriteTimeUtc) {
    $began = [DateTime]::UtcNow
    Write-Host "Building (Release, $flavour flavour), once"
    $arguments = @('build', "$root/src/Cli/RealtimeSsl.Cli.csproj", '-c', 'Release', '-v', 'quiet', '-nologo', "-p:Bindings=$flavour")
    if ($env:PACKAGE_SOURCE) { $arguments += "-p:PACKAGE_SOURCE=$env:PACKAGE_SOURCE" }
    & dotnet @arguments
    if ($LASTEXITCODE -ne 0) { exit 1 }
    Set-Content $stamp ''
    (Get-Item $stamp).LastWriteTimeUtc = $began
}
& dotnet $app @args
exit $LASTEXITCODE
