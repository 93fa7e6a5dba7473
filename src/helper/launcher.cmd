@echo off
rem The lanyard command, version @VERSION@. The Lanyard extension writes this file and replaces it when it is updated.
rem
rem Claude Code connects without a credential when its headersHelper fails, so for Claude Code every refusal is a header
rem that no HTTP client can send, because its name holds spaces. Beside it stands something that can be sent, under each
rem name that a guard of an entry has. cmd.exe reads this file by its place after each line, and an update replaces it:
rem what happens once Node has run stands on Node's own line. Nothing but ASCII stands here: cmd.exe reads no UTF-8.

rem By delayed expansion alone is a value passed on as it stands. Everything else is without: it takes `!` out of paths.
setlocal EnableExtensions EnableDelayedExpansion
set "LANYARD_NODE_OPTIONS=!NODE_OPTIONS!"
setlocal DisableDelayedExpansion
set "NODE_OPTIONS="
set "ELECTRON_RUN_AS_NODE=1"
if not defined LANYARD_HOME set "LANYARD_HOME=%~dp0.."
set "LANYARD_CLAUDE="
if defined CLAUDE_CODE_MCP_SERVER_NAME set "LANYARD_CLAUDE=1"
for %%c in (token status doctor history clients bridge) do if "%~1"=="%%c" set "LANYARD_CLAUDE="
if not defined LANYARD_CLAUDE if "%~1"=="--version" if "%~2"=="" (echo lanyard @VERSION@& exit /b 0)
set "LANYARD_NODE=@NODE@"
if not exist "%LANYARD_NODE%" for %%n in (node.exe) do set "LANYARD_NODE=%%~$PATH:n"

if defined LANYARD_NODE "%LANYARD_NODE%" "%~dp0..\lib\lanyard.cjs" %* && exit /b 0 || if defined LANYARD_CLAUDE (echo {"Lanyard gave an answer that makes no sense so there is nothing to send. Reload the VS Code window":"","Authorization":"nothing-to-send"& (if exist "%LANYARD_HOME%\guarded" for /f "usebackq delims=" %%g in ("%LANYARD_HOME%\guarded") do if not "%%g"=="Authorization" echo ,"%%g":"nothing-to-send")& echo }& exit /b 0) else ((for %%e in (10 9 8 7 6 5 4 3 2 1) do if errorlevel %%e exit /b %%e)& exit /b 1)

if not defined LANYARD_CLAUDE goto person
echo {"Lanyard needs the editor that installed it and does not find it so there is nothing to send. Open VS Code once":"","Authorization":"nothing-to-send"
if exist "%LANYARD_HOME%\guarded" for /f "usebackq delims=" %%g in ("%LANYARD_HOME%\guarded") do if not "%%g"=="Authorization" echo ,"%%g":"nothing-to-send"
echo }
exit /b 0
:person
>&2 echo lanyard: Lanyard needs the editor that installed it and does not find it so there is nothing to send. Open VS Code once.
exit /b 3
