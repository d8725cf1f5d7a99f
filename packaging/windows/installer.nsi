; The installer for Windows. installer.py says what it is made of:
;   NAME TITLE VERSION VERSION4 PUBLISHER SUMMARY PAYLOAD OUT ICON LICENCE SIZE_KB COMPRESSOR
; and, where they are wanted, TARGET (Debian's Wine runs no 32-bit program), SIGN and HOMEPAGE.
;
; Switches: /S (ask nothing), /ALLUSERS (for everybody on this computer, as administrator), and last
; /D=C:\Folder. Exit status: 0 installed, 1 cancelled, 2 not installed, 3 this Windows is too old,
; 4 the running program did not end, 5 no administrator.

Unicode true
!ifdef TARGET
  Target ${TARGET}
!endif
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include x64.nsh

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define PROGRAM "${TITLE}.exe"
!define CONSOLE "${NAME}.exe"
!define WORKER "${NAME}-worker.exe"
!define LINK "${NAME}.mailto"
!define MAIL "Software\Clients\Mail\${TITLE}"

Name "${TITLE}"
OutFile "${OUT}"
BrandingText "${TITLE} ${VERSION}"
RequestExecutionLevel user
SetCompressor /SOLID ${COMPRESSOR}
!if ${COMPRESSOR} == lzma
  SetCompressorDictSize 64 ; the program's archive stands in both executables, and is packed once
!endif
AllowSkipFiles off
ManifestDPIAware true
ManifestSupportedOS Win10
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION4}"
VIFileVersion "${VERSION4}"
VIAddVersionKey ProductName "${TITLE}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "${TITLE} ${VERSION}"
VIAddVersionKey CompanyName "${PUBLISHER}"
VIAddVersionKey LegalCopyright "${PUBLISHER}"

!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE Turkish

LangString TOO_OLD ${LANG_ENGLISH} "${TITLE} needs Windows 10 or later, with 64 bits."
LangString TOO_OLD ${LANG_TURKISH} "${TITLE} için 64 bitlik Windows 10 veya sonrası gerekir."
LangString NO_ADMIN ${LANG_ENGLISH} "To install ${TITLE} for everybody on this computer, start the installer as an administrator."
LangString NO_ADMIN ${LANG_TURKISH} "${TITLE} uygulamasını bu bilgisayardaki herkes için kurmak üzere kurulum programını yönetici olarak başlatın."
LangString STILL_OPEN ${LANG_ENGLISH} "${TITLE} is still open, so its files cannot be replaced. Close it, also in the notification area beside the clock, and try again."
LangString STILL_OPEN ${LANG_TURKISH} "${TITLE} hâlâ açık olduğundan dosyaları değiştirilemiyor. Saatin yanındaki bildirim alanından da kapatıp yeniden deneyin."
LangString NOT_WRITTEN ${LANG_ENGLISH} "${TITLE} could not be installed: a file could not be written. Is the disk full? What was installed before is still there."
LangString NOT_WRITTEN ${LANG_TURKISH} "${TITLE} kurulamadı: bir dosya yazılamadı. Disk dolu mu? Daha önce kurulu olan sürüm duruyor."
LangString DATA_STAYS ${LANG_ENGLISH} "${TITLE} was removed. Your conversations and settings were kept, in:$\r$\n$\r$\n$LOCALAPPDATA\${TITLE}$\r$\n$APPDATA\${TITLE}$\r$\n$\r$\nDelete these folders only if you never want to see them again."
LangString DATA_STAYS ${LANG_TURKISH} "${TITLE} kaldırıldı. Görüşmeleriniz ve ayarlarınız şu klasörlerde duruyor:$\r$\n$\r$\n$LOCALAPPDATA\${TITLE}$\r$\n$APPDATA\${TITLE}$\r$\n$\r$\nBu klasörleri yalnızca içindekileri bir daha hiç görmek istemiyorsanız silin."

Var Everybody

; What is installed for one person lies in that person's folders, for everybody in the computer's.
!macro CHOOSE_PLACE
  SetRegView 64
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/ALLUSERS" $1
  StrCpy $Everybody 0
  ${IfNot} ${Errors}
    StrCpy $Everybody 1
    UserInfo::GetAccountType
    Pop $1
    ${If} $1 != "Admin"
      MessageBox MB_OK|MB_ICONSTOP "$(NO_ADMIN)" /SD IDOK
      SetErrorLevel 5
      Quit
    ${EndIf}
    SetShellVarContext all
  ${EndIf}
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "$(TOO_OLD)" /SD IDOK
    SetErrorLevel 3
    Quit
  ${EndIf}
  !insertmacro CHOOSE_PLACE
  ${If} $INSTDIR == "" ; no /D=
    ReadRegStr $INSTDIR SHCTX "${UNINSTALL}" InstallLocation
  ${EndIf}
  ${If} $INSTDIR == ""
  ${AndIf} $Everybody == 1
    StrCpy $INSTDIR "$PROGRAMFILES64\${TITLE}"
  ${ElseIf} $INSTDIR == ""
    StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${TITLE}"
  ${EndIf}
FunctionEnd

Function un.onInit
  !insertmacro CHOOSE_PLACE
FunctionEnd

; Asks the window to close as its own menu does, so that drafts are kept and nothing is half sent.
!macro CLOSE_PROGRAM
  ${Do}
    ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
      ExecWait '"$INSTDIR\${PROGRAM}" --quit'
    ${EndIf}
    ${ForEach} $2 1 20 + 1 ; what has ended is let go of a moment later
      StrCpy $0 ""
      !insertmacro CHECK_FREE "${PROGRAM}"
      !insertmacro CHECK_FREE "${CONSOLE}"
      ${If} $0 == ""
        ${ExitFor}
      ${EndIf}
      Sleep 250
    ${Next}
    ${If} $0 == ""
      ${ExitDo}
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(STILL_OPEN)" /SD IDCANCEL IDRETRY +3
      SetErrorLevel 4
      Quit
  ${Loop}
!macroend

; Windows lets nobody write to a program that runs.
!macro CHECK_FREE FILE
  ${If} ${FileExists} "$INSTDIR\${FILE}"
    ClearErrors
    FileOpen $1 "$INSTDIR\${FILE}" a
    ${If} ${Errors}
      StrCpy $0 "busy"
    ${Else}
      FileClose $1
    ${EndIf}
  ${EndIf}
!macroend

; Only what an installer has put there; whatever else lies in the folder is the owner's.
!macro REMOVE_PROGRAM
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\${CONSOLE}"
  Delete "$INSTDIR\${WORKER}"
  RMDir /r "$INSTDIR\_internal"
!macroend

Section
  !insertmacro CLOSE_PROGRAM

  ; Beside the old version first: a full disk costs nobody the program that worked.
  RMDir /r "$INSTDIR\new"
  SetOutPath "$INSTDIR\new"
  ClearErrors
  File /r "${PAYLOAD}\*"
  SetOutPath "$INSTDIR"
  ${If} ${Errors}
    RMDir /r "$INSTDIR\new"
    MessageBox MB_OK|MB_ICONSTOP "$(NOT_WRITTEN)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  !insertmacro REMOVE_PROGRAM
  ClearErrors
  Rename "$INSTDIR\new\_internal" "$INSTDIR\_internal"
  Rename "$INSTDIR\new\${WORKER}" "$INSTDIR\${WORKER}"
  Rename "$INSTDIR\new\${CONSOLE}" "$INSTDIR\${CONSOLE}"
  Rename "$INSTDIR\new\${PROGRAM}" "$INSTDIR\${PROGRAM}"
  ${If} ${Errors}
    MessageBox MB_OK|MB_ICONSTOP "$(NOT_WRITTEN)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  RMDir "$INSTDIR\new"

  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortCut "$SMPROGRAMS\${TITLE}.lnk" "$INSTDIR\${PROGRAM}"

  WriteRegStr SHCTX "${UNINSTALL}" DisplayName "${TITLE}"
  WriteRegStr SHCTX "${UNINSTALL}" DisplayVersion "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" DisplayIcon "$INSTDIR\${PROGRAM}"
  WriteRegStr SHCTX "${UNINSTALL}" Publisher "${PUBLISHER}"
  !ifdef HOMEPAGE
    WriteRegStr SHCTX "${UNINSTALL}" URLInfoAbout "${HOMEPAGE}"
  !endif
  WriteRegStr SHCTX "${UNINSTALL}" InstallLocation "$INSTDIR"
  ${If} $Everybody == 1
    StrCpy $2 " /ALLUSERS"
  ${Else}
    StrCpy $2 ""
  ${EndIf}
  WriteRegStr SHCTX "${UNINSTALL}" UninstallString '"$INSTDIR\uninstall.exe"$2'
  WriteRegStr SHCTX "${UNINSTALL}" QuietUninstallString '"$INSTDIR\uninstall.exe"$2 /S'
  WriteRegDWORD SHCTX "${UNINSTALL}" EstimatedSize ${SIZE_KB}
  WriteRegDWORD SHCTX "${UNINSTALL}" NoModify 1
  WriteRegDWORD SHCTX "${UNINSTALL}" NoRepair 1

  ; As a program that can write mail; which one does is the owner's choice, in Windows' settings.
  ; The command "mailto" stands first, so that nothing in a link can be taken for an option.
  WriteRegStr SHCTX "Software\Classes\${LINK}" "" "URL:mailto"
  WriteRegStr SHCTX "Software\Classes\${LINK}" "URL Protocol" ""
  WriteRegStr SHCTX "Software\Classes\${LINK}\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr SHCTX "Software\Classes\${LINK}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" mailto "%1"'
  WriteRegStr SHCTX "${MAIL}" "" "${TITLE}"
  WriteRegStr SHCTX "${MAIL}\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr SHCTX "${MAIL}\shell\open\command" "" '"$INSTDIR\${PROGRAM}"'
  WriteRegStr SHCTX "${MAIL}\Capabilities" ApplicationName "${TITLE}"
  WriteRegStr SHCTX "${MAIL}\Capabilities" ApplicationDescription "${SUMMARY}"
  WriteRegStr SHCTX "${MAIL}\Capabilities" ApplicationIcon "$INSTDIR\${PROGRAM},0"
  WriteRegStr SHCTX "${MAIL}\Capabilities\URLAssociations" mailto "${LINK}"
  WriteRegStr SHCTX "Software\RegisteredApplications" "${TITLE}" "${MAIL}\Capabilities"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)' ; programs and links changed
SectionEnd

Section Uninstall
  !insertmacro CLOSE_PROGRAM
  !insertmacro REMOVE_PROGRAM
  RMDir /r "$INSTDIR\new"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${TITLE}.lnk"
  DeleteRegKey SHCTX "${UNINSTALL}"
  DeleteRegKey SHCTX "Software\Classes\${LINK}"
  DeleteRegKey SHCTX "${MAIL}"
  DeleteRegValue SHCTX "Software\RegisteredApplications" "${TITLE}"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  SetShellVarContext current
  MessageBox MB_OK|MB_ICONINFORMATION "$(DATA_STAYS)" /SD IDOK
SectionEnd
