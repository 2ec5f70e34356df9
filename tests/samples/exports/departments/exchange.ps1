#Requires -Version 5.1
# Exchange ActiveSync device access rules and personal exceptions, made by phaseout 0.
#
# Order: finance-first 2, Finance first (Ministry of Examples).
# As of 2026-03-20 03:00 Europe/Moscow. Later stages and waivers that end need a new export.
# 6 of 6 people on the staff list are reached by a clause.
# Made from 40 accesses of 7 people; 2 refused attempts were left out.
#
# Run it in the Exchange Management Shell, or after Connect-ExchangeOnline. Without -Apply it changes nothing and shows what
# it would do. With -Apply it writes down each change before it makes it; the rollback script beside it undoes those and no
# others.
# It may be run again at any time: what stands already is left as it is. What an earlier run set and this export has no more, such
# as an exception for a waiver that has ended, stands on: it is told, and the rollback script takes it away.

[CmdletBinding()]
param(
    [switch]$Apply,
    [string]$Record = (Join-Path $PSScriptRoot 'finance-first.applied.jsonl')
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# A rule meets every mailbox, also tomorrow's. So one stands here only where the string alone tells enough, and the order says
# the same of everybody whom no waiver covers. Exchange compares whole strings: no wildcards.
$rules = @(

)

# Devices of people whom a rule above would refuse and the order does not.
$allowed = @(

)

# Devices that the order refuses and no rule above does.
$blocked = @(
    @{ Mailbox = 'anna@example.org'; DeviceId = 'ANNA1' }  # Anna Petrova: iPhone | Apple-iPhone14C2/2107.93 | ANNA1. Apple phones and tablets: forbidden for mail since 1 February 2026.
    @{ Mailbox = 'yulia@example.org'; DeviceId = 'YULIA1' }  # Юлия Ёлкина: Apple-iPhone14C2/2001.362 it's "x" $(Remove-Mailbox) {1}; | YULIA1. Apple phones and tablets: forbidden for mail since 1 February 2026.
    @{ Mailbox = 'yulia@example.org'; DeviceId = 'YULIA2' }  # Юлия Ёлкина: Apple-iPhone14C2/2001.362 ’; Remove-Mailbox # | YULIA2. Apple phones and tablets: forbidden for mail since 1 February 2026.
    @{ Mailbox = 'yulia@example.org'; DeviceId = 'YULIA3' }  # Юлия Ёлкина: ~Apple-iPhone14C2\2001 | YULIA3. Apple phones and tablets: forbidden for mail since 1 February 2026.
    @{ Mailbox = 'yulia@example.org'; DeviceId = 'YULIA4' }  # Юлия Ёлкина: Apple-iPhone14C2/2001.362\x0a\x0dRemove-Mailbox | YULIA4. Apple phones and tablets: forbidden for mail since 1 February 2026.
    @{ Mailbox = 'yulia@example.org'; DeviceId = 'YULIA5' }  # Юлия Ёлкина: iphone | apple-IPHONE14C2/2001.362 | YULIA5. Apple phones and tablets: forbidden for mail since 1 February 2026.
)

# What can't be told is never refused. Nothing is done here about these, unless a rule above names one of their strings:
#   Dmitri O'Lark: Outlook | Outlook-iOS-Android/1.0 | DMITRI1, 6 accesses. It would be settled by: platform.
#   Dmitri O'Lark: SamsungDevice | Android-SAMSUNG-SM-S901B/101.13 | DMITRI3, 2 accesses. It would be settled by: platform.
#   Dmitri O'Lark: iPhone | SAMSUNG-SM-G530M/101.40404 | DMITRI2, 2 accesses. It would be settled by: platform.
# These are treated otherwise than the order says:
#   none
# A waiver covers these people, and the logs showed no device to allow by name: the rules refuse what they come with.
# Let Set-CASMailbox add its id to ActiveSyncAllowedDeviceIDs, until their waiver ends:
#   none

function Write-Change([hashtable]$Change) {
    if ($Apply) {
        $Change['At'] = [DateTime]::UtcNow.ToString('o')
        Add-Content -LiteralPath $Record -Encoding UTF8 -Value (ConvertTo-Json -InputObject $Change -Compress)
    }
}

# What was written down and then refused was not done: the record says that as well.
function Write-Failure([string]$What, [string]$Why) {
    Write-Warning ('{0}: {1}' -f $What, $Why)
    Write-Change @{ Did = 'Failed'; What = $What; Why = $Why }
}

function Set-Rule([hashtable]$Rule, [object[]]$Standing) {
    $name = '{0} "{1}"' -f $Rule.Characteristic, $Rule.QueryString
    $same = @($Standing | Where-Object { "$($_.Characteristic)" -eq $Rule.Characteristic -and "$($_.QueryString)" -eq $Rule.QueryString })
    if ($same.Count -eq 0) {
        Write-Output ('New rule: {0} -> {1}' -f $name, $Rule.AccessLevel)
        Write-Change @{ Did = 'NewRule'; Characteristic = $Rule.Characteristic; QueryString = $Rule.QueryString; To = $Rule.AccessLevel }
        $null = New-ActiveSyncDeviceAccessRule -Characteristic $Rule.Characteristic -QueryString $Rule.QueryString -AccessLevel $Rule.AccessLevel -ErrorAction Stop -WhatIf:(-not $Apply)
        return
    }
    $from = "$($same[0].AccessLevel)"
    if ($from -eq $Rule.AccessLevel) {
        Write-Output ('Stands already: {0} -> {1}' -f $name, $from)
        return
    }
    Write-Output ('Changed rule: {0} {1} -> {2}' -f $name, $from, $Rule.AccessLevel)
    Write-Change @{ Did = 'ChangedRule'; Characteristic = $Rule.Characteristic; QueryString = $Rule.QueryString; From = $from; To = $Rule.AccessLevel }
    Set-ActiveSyncDeviceAccessRule -Identity $same[0].Identity -AccessLevel $Rule.AccessLevel -ErrorAction Stop -WhatIf:(-not $Apply)
}

function Add-DeviceId([hashtable]$Entry, [string]$List) {
    $mailbox = Get-CASMailbox -Identity $Entry.Mailbox
    if (@($mailbox.$List) -contains $Entry.DeviceId) {
        Write-Output ('Stands already: {0} {1} {2}' -f $Entry.Mailbox, $List, $Entry.DeviceId)
        return
    }
    if ($List -eq 'ActiveSyncAllowedDeviceIDs' -and @($mailbox.ActiveSyncBlockedDeviceIDs) -contains $Entry.DeviceId) {
        Write-Warning ('Left as it is: {0} is blocked by name for {1}, and Exchange asks that first. Take it off ActiveSyncBlockedDeviceIDs, or roll back the run that put it there.' -f $Entry.DeviceId, $Entry.Mailbox)
        return
    }
    Write-Output ('Added: {0} {1} {2}' -f $Entry.Mailbox, $List, $Entry.DeviceId)
    Write-Change @{ Did = 'AddedDeviceId'; Mailbox = $Entry.Mailbox; List = $List; DeviceId = $Entry.DeviceId }
    $lists = @{ $List = @{ Add = $Entry.DeviceId } }
    Set-CASMailbox -Identity $Entry.Mailbox @lists -ErrorAction Stop -WhatIf:(-not $Apply)
}

# An exception that nobody takes away lets a device in for ever, also when its waiver has ended and a rule would block it.
$left = 0
if (Test-Path -LiteralPath $Record) {
    $earlier = @(Get-Content -LiteralPath $Record -Encoding UTF8 | Where-Object { $_.Trim() } | ForEach-Object { ConvertFrom-Json -InputObject $_ } | Where-Object { $_.Did -ne 'Failed' })
    foreach ($change in $earlier) {
        if ($change.Did -eq 'AddedDeviceId') {
            $name = '{0} {1} {2}' -f $change.Mailbox, $change.List, $change.DeviceId
            $entries = @(if ($change.List -eq 'ActiveSyncAllowedDeviceIDs') { $allowed } else { $blocked })
            $kept = @($entries | Where-Object { $_.Mailbox -eq $change.Mailbox -and $_.DeviceId -eq $change.DeviceId })
        } else {
            $name = '{0} "{1}" -> {2}' -f $change.Characteristic, $change.QueryString, $change.To
            $kept = @($rules | Where-Object { $_.Characteristic -eq $change.Characteristic -and $_.QueryString -eq $change.QueryString })
        }
        if ($kept.Count -eq 0) {
            $left++
            Write-Warning ('An earlier run set it, this export has it no more, and it stands on: {0}' -f $name)
        }
    }
}

# Personal exceptions first, so that nobody who may pass is refused in between.
$failed = 0
foreach ($list in @('ActiveSyncAllowedDeviceIDs', 'ActiveSyncBlockedDeviceIDs')) {
    $entries = if ($list -eq 'ActiveSyncAllowedDeviceIDs') { $allowed } else { $blocked }
    foreach ($entry in $entries) {
        try {
            Add-DeviceId -Entry $entry -List $list
        } catch {
            $failed++
            Write-Failure ('{0}, {1}' -f $entry.Mailbox, $entry.DeviceId) $_.Exception.Message
        }
    }
}
$standing = @(Get-ActiveSyncDeviceAccessRule)
foreach ($rule in $rules) {
    try {
        Set-Rule -Rule $rule -Standing $standing
    } catch {
        $failed++
        Write-Failure ('{0} "{1}"' -f $rule.Characteristic, $rule.QueryString) $_.Exception.Message
    }
}
if ($left) {
    Write-Warning ('{0} rules or personal exceptions of earlier runs stand on, see above. Run the rollback script beside {1} with -Apply, then this one again.' -f $left, $Record)
}
if (-not $Apply) {
    Write-Output 'Nothing was changed. Give -Apply to do it.'
}
if ($failed) {
    # Told and then left with a code of its own: an error that stops the script sets none in a session.
    Write-Error -ErrorAction Continue ('{0} rules or personal exceptions could not be looked at or set; see the warnings. Mend what they name and run this again.' -f $failed)
    exit 1
}
