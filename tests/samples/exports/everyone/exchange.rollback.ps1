#Requires -Version 5.1
# Undoes what the script of Exchange ActiveSync rules beside it changed, made by phaseout 0.
#
# Order: no-apple-mail 1.0, No Apple phones for work mail (Ministry of Examples).
# As of 2026-03-20 03:00 Europe/Moscow. Later stages and waivers that end need a new export.
# 6 of 6 people on the staff list are reached by a clause.
# Made from 40 accesses of 7 people; 2 refused attempts were left out.
# Waiver W-1 from clause mail: 3, until 2026-05-01 00:00.
#
# It goes by the record that the other script wrote with -Apply, the newest change first, and touches nothing else. Without
# -Apply it changes nothing and shows what it would do. What somebody has changed since is left as it is, and said.

[CmdletBinding()]
param(
    [switch]$Apply,
    [string]$Record = (Join-Path $PSScriptRoot 'no-apple-mail.applied.jsonl')
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

if (-not (Test-Path -LiteralPath $Record)) {
    throw "There is no record $Record, so nothing is known to undo."
}
$changes = @(Get-Content -LiteralPath $Record -Encoding UTF8 | Where-Object { $_.Trim() } | ForEach-Object { ConvertFrom-Json -InputObject $_ } | Where-Object { $_.Did -ne 'Failed' })
[array]::Reverse($changes)

function Undo-Rule([object]$Change) {
    $name = '{0} "{1}"' -f $Change.Characteristic, $Change.QueryString
    $same = @(Get-ActiveSyncDeviceAccessRule | Where-Object { "$($_.Characteristic)" -eq $Change.Characteristic -and "$($_.QueryString)" -eq $Change.QueryString })
    if ($same.Count -eq 0) {
        Write-Output ('Gone already: {0}' -f $name)
    } elseif ("$($same[0].AccessLevel)" -ne $Change.To) {
        Write-Warning ('Left as it is: {0} says {1} now, not {2}.' -f $name, $same[0].AccessLevel, $Change.To)
    } elseif ($Change.Did -eq 'NewRule') {
        Write-Output ('Removed rule: {0}' -f $name)
        Remove-ActiveSyncDeviceAccessRule -Identity $same[0].Identity -Confirm:$false -ErrorAction Stop -WhatIf:(-not $Apply)
    } else {
        Write-Output ('Changed rule back: {0} {1} -> {2}' -f $name, $Change.To, $Change.From)
        Set-ActiveSyncDeviceAccessRule -Identity $same[0].Identity -AccessLevel $Change.From -ErrorAction Stop -WhatIf:(-not $Apply)
    }
}

function Undo-DeviceId([object]$Change) {
    $list = $Change.List
    if (@('ActiveSyncAllowedDeviceIDs', 'ActiveSyncBlockedDeviceIDs') -notcontains $list) {
        throw "The record names a list that there is none of: $list"
    }
    $mailbox = Get-CASMailbox -Identity $Change.Mailbox
    if (@($mailbox.$list) -notcontains $Change.DeviceId) {
        Write-Output ('Gone already: {0} {1} {2}' -f $Change.Mailbox, $list, $Change.DeviceId)
        return
    }
    Write-Output ('Removed: {0} {1} {2}' -f $Change.Mailbox, $list, $Change.DeviceId)
    $lists = @{ $list = @{ Remove = $Change.DeviceId } }
    Set-CASMailbox -Identity $Change.Mailbox @lists -ErrorAction Stop -WhatIf:(-not $Apply)
}

$failed = 0
foreach ($change in $changes) {
    try {
        if ($change.Did -eq 'AddedDeviceId') {
            Undo-DeviceId -Change $change
        } else {
            Undo-Rule -Change $change
        }
    } catch {
        $failed++
        Write-Warning ('{0}: {1}' -f $change.Did, $_.Exception.Message)
    }
}
if (-not $Apply) {
    Write-Output 'Nothing was changed. Give -Apply to do it.'
} elseif ($failed) {
    Write-Error ('{0} changes could not be undone; see the warnings. Mend what they name and run this again.' -f $failed)
} else {
    # So that a second run undoes nothing that was done again by hand.
    Rename-Item -LiteralPath $Record -NewName ('{0}.undone-{1}' -f (Split-Path -Leaf $Record), [DateTime]::UtcNow.ToString('yyyyMMddHHmmss'))
}
