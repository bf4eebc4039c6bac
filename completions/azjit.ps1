# PowerShell completion for azjit; printed by `azjit completion show powershell`. Not tested.
# It runs azjit, which reads local files only and never uses the network.

Register-ArgumentCompleter -Native -CommandName azjit -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $before = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } })
    $azjit = Get-Command azjit -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $azjit) { return }
    # An empty last argument would be lost on its way: a quote alone stands for it.
    $current = if ($wordToComplete) { $wordToComplete } else { "'" }

    & $azjit __complete powershell @before $current 2>$null | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if ($value -eq ':files' -or $value -eq ':dirs') { return }
        $inserted = $value
        if ($value -notmatch '^[A-Za-z0-9_./:=,-]+$') {
            $inserted = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($value) + "'"
        }
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($inserted, $value, 'ParameterValue', $about)
    }
}
